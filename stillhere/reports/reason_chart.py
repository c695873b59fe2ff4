"""Reasons by month: a row a reason, a bar a month, all on one scale. Told apart by place, not by colour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from stillhere.reports.svg import CHARACTER_WIDTH, drawing, line, rect, shortened, text

ROW = 46
BAR = 24
"""The tallest bar; above it stands its number."""
BOTTOM = 24
LABEL_CHARACTERS = 40
TOTAL_WIDTH = 56


@dataclass(frozen=True, slots=True)
class ReasonMonths:
    """One reason: how often it was given in each month. A hatched row stands for those who gave none."""

    label: str
    counts: tuple[int, ...]
    is_hatched: bool = False


def reason_months(rows: Sequence[ReasonMonths], months: Sequence[str], title: str, width: int = 1000) -> Markup:
    """A row of bars a reason; each count above its bar, the sum at the end."""
    labels = [shortened(row.label, LABEL_CHARACTERS) for row in rows]
    left = max((len(label) for label in labels), default=0) * CHARACTER_WIDTH + 14
    slot = (width - left - TOTAL_WIDTH) / max(len(months), 1)
    highest = max((count for row in rows for count in row.counts), default=0) or 1
    height = len(rows) * ROW + BOTTOM
    parts: list[Markup] = []
    for at, (row, label) in enumerate(zip(rows, labels, strict=True)):
        base = (at + 1) * ROW - 4
        parts += [
            text(left - 10, base - 4, label, anchor="end"),
            line(left, base, width - TOTAL_WIDTH, base, "grid"),
            text(width, base - 4, str(sum(row.counts)), "value", "end"),
        ]
        for place, (count, month) in enumerate(zip(row.counts, months, strict=True)):
            if count:
                x, tall = left + (place + 0.2) * slot, BAR * count / highest
                css = "hatched" if row.is_hatched else "solid"
                parts += [
                    rect(x, base - tall, slot * 0.6, tall, css, f"{row.label}, {month}: {count}"),
                    text(x + slot * 0.3, base - tall - 3, str(count), "value small", "middle"),
                ]
    parts += [
        text(left + (place + 0.5) * slot, height - 6, month, "tick", "middle") for place, month in enumerate(months)
    ]
    parts.append(text(width, height - 6, "sum", "tick", "end"))
    return drawing(width, height, title, parts)
