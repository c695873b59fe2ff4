"""The cadence of one account as text: a column a week, this year under the year before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from babel.dates import format_date

from stillhere.reports.timeline import WEEKS_SHOWN, Timeline, month_starts

LEVELS = "·▁▂▃▄▅▇█"
"""A mark for 0 to 7 active days; a block of six eighths is left out, for in most fonts it looks like seven."""
MARKS = {"mail": "m", "call": "c", "left alone": "o"}
LABEL = 12
MONTH_COLUMNS = 4


def timeline_lines(timeline: Timeline) -> Iterator[str]:
    """Lines for a screen, 64 columns wide: the year before, this year, months, contacts, and what the marks mean."""
    if timeline.has_year_before:
        yield f"{'year before':<{LABEL}}{_levels(timeline.weeks_before)}"
    yield f"{'this year':<{LABEL}}{_levels(timeline.weeks)}"
    yield f"{'':<{LABEL}}{_months(timeline)}".rstrip()
    contacts = _contacts(timeline)
    if contacts.strip():
        yield f"{'contacts':<{LABEL}}{contacts}".rstrip()
    yield f"{'':<{LABEL}}a column is a week: · no day, █ all seven" + _key(timeline)


def _levels(weeks: Sequence[int | None]) -> str:
    return "".join(" " if week is None else LEVELS[week] for week in weeks)


def _months(timeline: Timeline) -> str:
    line = [" "] * WEEKS_SHOWN
    for week, day in month_starts(timeline):
        if week + MONTH_COLUMNS <= WEEKS_SHOWN:
            line[week : week + 3] = format_date(day, "LLL", locale="en")[:3]
    return "".join(line)


def _contacts(timeline: Timeline) -> str:
    line = [" "] * WEEKS_SHOWN
    for contact in timeline.contacts:
        line[timeline.week_of(contact.on)] = MARKS[contact.kind]
    return "".join(line)


def _key(timeline: Timeline) -> str:
    kinds = [kind for kind in MARKS if any(contact.kind == kind for contact in timeline.contacts)]
    return "".join(f"; {MARKS[kind]} {kind}" for kind in kinds)
