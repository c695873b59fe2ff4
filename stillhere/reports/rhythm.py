"""An account against its own habit: silence beside its usual gaps, and use over half a year as a step line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from stillhere.reports.svg import CHARACTER_WIDTH, drawing, line, nice_steps, path, rect, shortened, text

ROW = 26
LABEL_CHARACTERS = 34


@dataclass(frozen=True, slots=True)
class Silence:
    """How long an account is silent, its usual gap, and the gap that nine of ten stayed below, in days."""

    label: str
    days_silent: float
    usual_gap_days: float
    gap_p90_days: float | None
    shown: str


def silences(rows: Sequence[Silence], title: str, axis: str, width: int = 760) -> Markup:
    """A row an account: a band up to nine of ten of its gaps, a tick at its usual gap, a line for the silence now."""
    labels = [shortened(row.label, LABEL_CHARACTERS) for row in rows]
    left = max((len(label) for label in labels), default=0) * CHARACTER_WIDTH + 14
    right = max((len(row.shown) for row in rows), default=0) * CHARACTER_WIDTH + 12
    steps = nice_steps(max((max(row.days_silent, row.gap_p90_days or 0) for row in rows), default=0), 5)
    scale, bottom = (width - left - right) / steps[-1], len(rows) * ROW + 6
    parts = [line(left + step * scale, 0, left + step * scale, bottom) for step in steps]
    parts += [text(left + step * scale, bottom + 16, f"{step:g}", "tick", "middle") for step in steps]
    parts.append(text(left + (width - left - right) / 2, bottom + 34, axis, "tick", "middle"))
    for at, (row, label) in enumerate(zip(rows, labels, strict=True)):
        y = at * ROW + ROW / 2 + 2
        usual, now = left + row.usual_gap_days * scale, left + row.days_silent * scale
        parts += [
            text(left - 8, y + 4, label, anchor="end"),
            rect(left, y - 8, (row.gap_p90_days or row.usual_gap_days) * scale, 16, "band"),
            line(left, y, now, y, "silence"),
            line(now, y - 6, now, y + 6, "silence end"),
            line(usual, y - 9, usual, y + 9, "usual"),
            text(max(now, left + (row.gap_p90_days or 0) * scale) + 8, y + 4, row.shown, "value"),
        ]
    return drawing(width, bottom + 40, title, parts)


def use_line(levels: Sequence[tuple[int, float]], title: str, width: int = 96, height: int = 24) -> Markup:
    """A step line, oldest first: (days, active days per four weeks in them); the last step is the present."""
    days, highest = sum(length for length, _ in levels), max([level for _, level in levels] + [1.0])
    room = height - 6
    points: list[tuple[float, float]] = []
    x = 1.0
    for length, level in levels:
        y = 3 + room - level / highest * room
        wide = (width - 2) * length / days
        points += [(x, y), (x + wide, y)]
        x += wide
    base = line(1, height - 2, width - 1, height - 2, "grid")
    return drawing(width, height, title, [base, path(points, "use"), path(points[-2:], "use now")], "spark")
