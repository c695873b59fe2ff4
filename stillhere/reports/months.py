"""Months side by side: the hamster wheel as stacked bars, retention as lines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from stillhere.reports.svg import CHARACTER_WIDTH, circle, drawing, line, nice_steps, path, rect, text

BOTTOM = 26
TOP = 26


@dataclass(frozen=True, slots=True)
class WheelMonth:
    """Revenue won and lost in one month, in minor units of the reporting currency."""

    label: str
    won_minor: int
    lost_minor: int
    shown: str
    """The share of what was won that only replaced what was lost."""
    tip: str


def wheel(months: Sequence[WheelMonth], title: str, write: Callable[[float], str], width: int = 1000) -> Markup:
    """A bar a month: up, what was won, its hatched part only replacing leavers; down, what was lost beyond that."""
    height = 280
    up = nice_steps(max([month.won_minor for month in months], default=0), 3)
    beyond = max([month.lost_minor - month.won_minor for month in months], default=0)
    down = [step for step in nice_steps(beyond, 2) if step] if beyond > 0 else []
    left = max(len(write(-step if step in down else step)) for step in [*up, *down]) * CHARACTER_WIDTH + 14
    scale = (height - TOP - BOTTOM) / (up[-1] + (down[-1] if down else 0))
    zero, slot = TOP + up[-1] * scale, (width - left) / max(len(months), 1)
    parts = []
    for step in [*up, *(-value for value in down)]:
        y = zero - step * scale
        parts += [line(left, y, width, y), text(left - 6, y + 4, write(step), "tick", "end")]
    for at, month in enumerate(months):
        x, wide = left + at * slot + slot * 0.15, slot * 0.7
        replaced = min(month.won_minor, month.lost_minor) * scale
        growth = max(month.won_minor - month.lost_minor, 0) * scale
        beyond_it = max(month.lost_minor - month.won_minor, 0) * scale
        parts += [
            rect(x, zero - replaced, wide, replaced, "hatched", month.tip),
            rect(x, zero - replaced - growth, wide, growth, "solid", month.tip),
            *([rect(x, zero, wide, beyond_it, "lost", month.tip)] if beyond_it else []),
            text(x + wide / 2, zero - replaced - growth - 5, month.shown, "value small", "middle"),
            text(x + wide / 2, height - 6, month.label, "tick", "middle"),
        ]
    parts.append(line(left, zero, width, zero, "axis"))
    return drawing(width, height, title, parts)


@dataclass(frozen=True, slots=True)
class Series:
    """One line: a value a month (None leaves a gap), a name at its end, and a dash to tell it without colour."""

    name: str
    values: tuple[float | None, ...]
    css: str


def lines(
    series: Sequence[Series],
    labels: Sequence[str],
    title: str,
    write: Callable[[float], str],
    width: int = 1000,
) -> Markup:
    """Lines over months. The axis does not start at zero: what matters is a step of a point or two."""
    height, known = 240, [value for one in series for value in one.values if value is not None]
    low, high, ticks = _around(known)
    left = max(len(write(tick)) for tick in ticks) * CHARACTER_WIDTH + 14
    right = max((len(one.name) for one in series), default=0) * CHARACTER_WIDTH + 16
    room, slot = height - TOP - BOTTOM, (width - left - right) / max(len(labels), 1)

    def point(at: int, value: float) -> tuple[float, float]:
        return left + (at + 0.5) * slot, TOP + room - (value - low) / (high - low) * room

    parts = []
    for tick in ticks:
        y = point(0, tick)[1]
        parts += [line(left, y, width - right, y), text(left - 6, y + 4, write(tick), "tick", "end")]
    parts += [text(point(at, low)[0], height - 6, label, "tick", "middle") for at, label in enumerate(labels)]
    ends = []
    for one in series:
        points = [point(at, value) for at, value in enumerate(one.values) if value is not None]
        parts.append(path(points, f"line {one.css}"))
        parts += [circle(x, y, 3, f"mark {one.css}") for x, y in points]
        ends += [(points[-1], one.name)] if points else []
    for y, name in _apart([(spot[1], name) for spot, name in ends]):
        parts.append(text(width - right + 2, y + 4, name, "value"))
    return drawing(width, height, title, parts)


def _around(known: Sequence[float]) -> tuple[float, float, list[float]]:
    """Lowest, highest and ticks of an axis that fits the values, on round steps."""
    least, most = min(known, default=0.0), max(known, default=1.0)
    wide = max(most - least, 0.01)
    step = next(size for size in (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 1e9) if wide / size <= 4)
    first, last = int(least // step), int(-(-most // step))
    last = last + (first == last)
    return first * step, last * step, [round(at * step, 6) for at in range(first, last + 1)]


def _apart(labels: Sequence[tuple[float, str]], least: float = 15) -> list[tuple[float, str]]:
    """Labels moved down where two would lie on each other."""
    placed: list[tuple[float, str]] = []
    for y, name in sorted(labels):
        placed.append((max(y, placed[-1][0] + least) if placed else y, name))
    return placed
