"""Bars: lying ones for counts of named things, standing ones for distributions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from stillhere.reports.svg import CHARACTER_WIDTH, drawing, line, nice_steps, rect, shortened, text

ROW, BAR = 26, 16
"""Height of a row and of the bar in it."""
LABEL_CHARACTERS = 72


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: a solid part, a hatched part after it, and what is written at its end."""

    label: str
    solid: float
    hatched: float = 0.0
    shown: str = ""
    tip: str | None = None


def lying_bars(bars: Sequence[Bar], title: str, width: int = 720) -> Markup:
    """Bars from the left, one a row, each with its label before it and its value behind it."""
    labels = [shortened(bar.label, LABEL_CHARACTERS) for bar in bars]
    left = max((len(label) for label in labels), default=0) * CHARACTER_WIDTH + 12
    right = max((len(bar.shown) for bar in bars), default=0) * CHARACTER_WIDTH + 10
    highest = max((bar.solid + bar.hatched for bar in bars), default=0) or 1
    scale = (width - left - right) / highest
    parts = [line(left, 0, left, len(bars) * ROW, "axis")]
    for at, (bar, label) in enumerate(zip(bars, labels, strict=True)):
        top = at * ROW + (ROW - BAR) / 2
        solid, hatched = bar.solid * scale, bar.hatched * scale
        parts += [
            text(left - 8, top + 12.5, label, anchor="end"),
            rect(left, top, solid, BAR, "solid", bar.tip),
            *([rect(left + solid, top, hatched, BAR, "hatched", bar.tip)] if hatched else []),
            text(left + solid + hatched + 6, top + 12.5, bar.shown, "value"),
        ]
    return drawing(width, len(bars) * ROW, title, parts)


def standing_bars(
    bars: Sequence[Bar], title: str, axis: str, write: Callable[[float], str], width: int = 520, height: int = 220
) -> Markup:
    """A distribution: one bar a bin, bins named below, counts on the left; `axis` says what the bins are."""
    steps = nice_steps(max((bar.solid + bar.hatched for bar in bars), default=0))
    left, top, bottom = len(write(steps[-1])) * CHARACTER_WIDTH + 12, 18, 42
    room = height - top - bottom
    scale, slot = room / steps[-1], (width - left) / max(len(bars), 1)
    parts = []
    for step in steps:
        y = top + room - step * scale
        parts += [line(left, y, width, y), text(left - 6, y + 4, write(step), "tick", "end")]
    for at, bar in enumerate(bars):
        x, wide = left + at * slot + slot * 0.12, slot * 0.76
        solid, hatched = bar.solid * scale, bar.hatched * scale
        parts += [
            rect(x, top + room - solid, wide, solid, "solid", bar.tip),
            *([rect(x, top + room - solid - hatched, wide, hatched, "hatched", bar.tip)] if hatched else []),
            text(x + wide / 2, height - bottom + 16, bar.label, "tick", "middle"),
        ]
    parts += [
        line(left, top + room, width, top + room, "axis"),
        text(left + (width - left) / 2, height - 6, axis, "tick", "middle"),
    ]
    return drawing(width, height, title, parts)
