"""Dots with their intervals: differences that must not be read without how sure they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from stillhere.reports.svg import CHARACTER_WIDTH, circle, drawing, line, shortened, text

ROW = 30
LABEL_CHARACTERS = 46
TOP = 24


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its interval, and what is written beside it. Hollow when the interval holds zero.

    Where the value is not known yet (`is_known`), the interval alone is drawn: how wide one is to be expected.
    """

    label: str
    value: float
    low: float
    high: float
    shown: str
    is_known: bool = True


def dots_and_intervals(
    rows: Sequence[Estimate], title: str, write: Callable[[float], str], ends: tuple[str, str], width: int = 760
) -> Markup:
    """One dot a row on a common axis around zero; `ends` says what left and right of zero mean."""
    labels = [shortened(row.label, LABEL_CHARACTERS) for row in rows]
    left = max((len(label) for label in labels), default=0) * CHARACTER_WIDTH + 16
    right = max((len(row.shown) for row in rows), default=0) * CHARACTER_WIDTH + 10
    low, high = min([0.0, *(row.low for row in rows)]), max([0.0, *(row.high for row in rows)])
    scale = (width - left - right) / ((high - low) or 1.0)
    bottom = TOP + len(rows) * ROW

    def x(value: float) -> float:
        return left + (value - low) * scale

    parts = [line(x(tick), TOP, x(tick), bottom, "axis" if tick == 0 else "grid") for tick in _ticks(low, high)]
    parts += [text(x(tick), bottom + 16, write(tick), "tick", "middle") for tick in _ticks(low, high)]
    parts += [text(x(0) + 8, 12, f"{ends[1]} →", "tick")]
    parts += [text(x(0) - 8, 12, f"← {ends[0]}", "tick", "end")] if x(0) - left > len(ends[0]) * 4 else []
    for at, (row, label) in enumerate(zip(rows, labels, strict=True)):
        y = TOP + at * ROW + ROW / 2
        sure = row.low > 0 or row.high < 0
        parts += [
            text(left - 10, y + 4, label, anchor="end"),
            line(x(row.low), y, x(row.high), y, "whisker"),
            line(x(row.low), y - 5, x(row.low), y + 5, "whisker"),
            line(x(row.high), y - 5, x(row.high), y + 5, "whisker"),
            *([circle(x(row.value), y, 5.5, "dot" if sure else "dot hollow", row.shown)] if row.is_known else []),
            text(width - right + 6, y + 4, row.shown, "value"),
        ]
    return drawing(width, bottom + 22, title, parts)


def _ticks(low: float, high: float) -> list[float]:
    """Round values from `low` to `high` that include zero."""
    wide = high - low or 1.0
    step = next((size for size in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10) if wide / size <= 7), wide / 4)
    return [round(at * step, 6) for at in range(int(low / step) - 1, int(high / step) + 2) if low <= at * step <= high]
