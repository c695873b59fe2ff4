"""The two curves a forecast is judged by: does a chance mean what it says, and are leavers found first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from markupsafe import Markup
from scipy.stats import binomtest

from stillhere.reports.svg import circle, drawing, line, path, text

SIDE = 300
LEFT, TOP, RIGHT, BOTTOM = 48, 30, 20, 40
GRID = (0.0, 0.25, 0.5, 0.75, 1.0)
BINS = 10
MOST_POINTS = 100

Numbers = npt.NDArray[np.float64]
Outcome = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Bin:
    """A tenth of the accounts in order of their chance: the mean chance, the share that left with its interval, n."""

    chance: float
    share: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Line:
    """One model's line: `css` says how it is drawn (also without colour)."""

    css: str
    chances: Numbers


def reliability_bins(chances: Numbers, left: Outcome) -> list[Bin]:
    """Ten bins of equal mass by chance; Wilson's 95 % interval of the share that left."""
    order = np.argsort(chances, kind="stable")
    bins = []
    for part in np.array_split(order, BINS):
        if len(part):
            gone = int(left[part].sum())
            span = binomtest(gone, len(part)).proportion_ci(method="wilson")
            bins.append(Bin(float(chances[part].mean()), gone / len(part), span.low, span.high, len(part)))
    return bins


def gain_points(chances: Numbers, left: Outcome) -> list[tuple[float, float]]:
    """Share of accounts asked, riskiest first, against the share of all leavers among them."""
    order = np.argsort(-chances, kind="stable")
    found = np.r_[0, np.cumsum(left[order])] / max(int(left.sum()), 1)
    at = np.unique(np.linspace(0, len(left), MOST_POINTS + 1).round().astype(int))
    return [(float(place / len(left)), float(found[place])) for place in at]


def reliability_chart(chances: Numbers, left: Outcome, title: str) -> Markup:
    """Dots with whiskers near the diagonal: a chance of 30 % where 30 % left."""
    parts = [*_frame("chance forecast", "share that left"), _diagonal()]
    for told in reliability_bins(chances, left):
        x = _x(told.chance)
        parts.append(line(x, _y(told.low), x, _y(told.high), "whisker"))
        tip = (
            f"{told.n} accounts: forecast {told.chance:.1%}, left {told.share:.1%} ({told.low:.1%} to {told.high:.1%})"
        )
        parts.append(circle(x, _y(told.share), 4, "dot", tip))
    return drawing(LEFT + SIDE + RIGHT, TOP + SIDE + BOTTOM, title, parts, "chart square")


def gain_chart(lines: Sequence[Line], left: Outcome, title: str) -> Markup:
    """Each model's leavers found against accounts asked; the diagonal is chance."""
    parts = [*_frame("accounts, riskiest first", "leavers among them"), _diagonal()]
    for told in lines:
        points = [(_x(x), _y(y)) for x, y in gain_points(told.chances, left)]
        parts.append(path(points, told.css))
    return drawing(LEFT + SIDE + RIGHT, TOP + SIDE + BOTTOM, title, parts, "chart square")


def line_swatch(css: str, words: str) -> Markup:
    """A short piece of a line, for the key beside a chart."""
    return drawing(28, 12, words, [path([(0, 6), (28, 6)], css)], "swatch")


def _frame(across: str, up: str) -> list[Markup]:
    parts: list[Markup] = []
    for share in GRID:
        parts += [line(_x(0), _y(share), _x(1), _y(share)), line(_x(share), _y(0), _x(share), _y(1))]
        parts.append(text(_x(share), TOP + SIDE + 16, f"{share:.0%}", "tick", "middle"))
        parts.append(text(LEFT - 6, _y(share) + 4, f"{share:.0%}", "tick", "end"))
    parts.append(text(_x(1), TOP + SIDE + 34, across, "tick", "end"))
    parts.append(text(_x(0), TOP - 14, up, "tick"))
    return parts


def _diagonal() -> Markup:
    return path([(_x(0), _y(0)), (_x(1), _y(1))], "chance")


def _x(share: float) -> float:
    return LEFT + share * SIDE


def _y(share: float) -> float:
    return TOP + (1 - share) * SIDE
