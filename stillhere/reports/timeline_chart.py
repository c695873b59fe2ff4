"""The cadence of one account as a picture that reads without colour: bars, a dashed year before, a hatched silence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from markupsafe import Markup

from stillhere.reports.formats import Formats
from stillhere.reports.svg import CHARACTER_WIDTH, circle, drawing, line, path, rect, text
from stillhere.reports.timeline import WEEKS_SHOWN, Timeline, month_starts

LEFT, RIGHT = 14, 8
CONTACTS, BARS, AXIS = 22, 70, 22  # heights: contacts above, the weeks, the months below
MOST_DAYS = 7
AHEAD_WEEKS = 5
"""Room after the night, in which the expected next day is drawn."""
LETTERS = {"mail": "M", "call": "C", "left alone": "–"}
FLOOR = CONTACTS + BARS
TOP = CONTACTS


@dataclass(frozen=True, slots=True)
class Axis:
    """Where a day lies across the picture, and a number of active days up it."""

    first_day: date
    slot: float

    def week(self, week: float) -> float:
        return LEFT + week * self.slot

    def day(self, day: date) -> float:
        return self.week((day - self.first_day).days / 7)

    def level(self, days: float) -> float:
        return FLOOR - days / MOST_DAYS * BARS


def timeline_chart(timeline: Timeline, title: str, formats: Formats, width: int = 500) -> Markup:
    """A bar a week (active days, 0 to 7), the year before as a dashed line, the silence hatched, contacts on top.

    An upright line in the silence marks the usual gap; a triangle the day on which the next activity was expected.
    """
    axis = Axis(timeline.first_day, (width - LEFT - RIGHT) / (WEEKS_SHOWN + AHEAD_WEEKS))
    parts = [line(LEFT, TOP, axis.week(WEEKS_SHOWN), TOP), text(LEFT - 4, TOP + 4, str(MOST_DAYS), "tick", "end")]
    parts += _silence(timeline, axis, formats)
    parts += _weeks(timeline, axis, formats)
    parts += _year_before(timeline, axis)
    parts += [line(LEFT, FLOOR, width - RIGHT, FLOOR, "axis"), *_months(timeline, axis, formats)]
    parts += [*_contacts(timeline, axis, formats), *_expected(timeline, axis)]
    return drawing(width, FLOOR + AXIS, title, parts)


def _weeks(timeline: Timeline, axis: Axis, formats: Formats) -> list[Markup]:
    bars = []
    for at, days in enumerate(timeline.weeks):
        if days:
            ends = formats.day(timeline.first_day + timedelta(days=7 * at + 6))
            tip = f"week to {ends}: {days} of {MOST_DAYS} days"
            left, top = axis.week(at) + axis.slot * 0.12, axis.level(days)
            bars.append(rect(left, top, axis.slot * 0.76, FLOOR - top, "solid", tip))
    return bars


def _year_before(timeline: Timeline, axis: Axis) -> list[Markup]:
    if not timeline.has_year_before:
        return []
    steps = []
    for at, days in enumerate(timeline.weeks_before):
        if days is not None:
            steps += [(axis.week(at), axis.level(days)), (axis.week(at + 1), axis.level(days))]
    return [path(steps, "before")]


def _silence(timeline: Timeline, axis: Axis, formats: Formats) -> list[Markup]:
    if timeline.last_active_date is None or not timeline.days_silent:
        return []
    begins = max(axis.day(timeline.last_active_date + timedelta(days=1)), axis.week(0))
    ends = axis.week(WEEKS_SHOWN)
    words = f"{formats.number(timeline.days_silent)} days silent"
    parts = [rect(begins, TOP, ends - begins, BARS, "silent", words)]
    if timeline.usual_gap_days:
        usual = begins + timeline.usual_gap_days / 7 * axis.slot
        parts += [line(usual, TOP, usual, FLOOR, "usual")] if usual < axis.week(WEEKS_SHOWN + AHEAD_WEEKS) else []
    if ends - begins > len(words) * CHARACTER_WIDTH:
        parts.append(text((begins + ends) / 2, axis.level(MOST_DAYS / 2), words, "value small", "middle"))
    return parts


def _months(timeline: Timeline, axis: Axis, formats: Formats) -> list[Markup]:
    parts = []
    for at, (week, day) in enumerate(month_starts(timeline)):
        parts.append(line(axis.day(day), FLOOR, axis.day(day), FLOOR + 4, "axis"))
        if at % 2 == 0 and week < WEEKS_SHOWN - 3:
            parts.append(text(axis.day(day) + 2, FLOOR + AXIS - 5, formats.month(day), "tick"))
    return parts


def _contacts(timeline: Timeline, axis: Axis, formats: Formats) -> list[Markup]:
    parts = []
    for contact in timeline.contacts:
        x = axis.day(contact.on)
        parts += [
            line(x, TOP - 4, x, FLOOR, "contact-line"),
            circle(x, CONTACTS / 2, 7.5, "contact", f"{contact.kind}, {formats.day(contact.on)}"),
            text(x, CONTACTS / 2 + 4, LETTERS[contact.kind], "value small", "middle"),
        ]
    return parts


def _expected(timeline: Timeline, axis: Axis) -> list[Markup]:
    if timeline.expected_next_date is None:
        return []
    x = axis.day(timeline.expected_next_date)
    if not axis.week(0) <= x <= axis.week(WEEKS_SHOWN + AHEAD_WEEKS):
        return []
    return [path([(x, FLOOR + 1), (x - 5, FLOOR + 9), (x + 5, FLOOR + 9), (x, FLOOR + 1)], "expected")]
