"""The cadence of one account, week by week: what it did, where it fell silent, when it is expected, what was sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from stillhere.campaigns.why import Contacted

WEEKS_SHOWN = 52
ContactKind = Literal["mail", "call", "left alone"]


@dataclass(frozen=True, slots=True)
class Contact:
    """A mail, a call or a deliberate nothing, on a day."""

    on: date
    kind: ContactKind


@dataclass(frozen=True, slots=True)
class Timeline:
    """Two years of one account in weeks that end on the night's weekday, oldest first.

    `weeks` are active days (0 to 7) of the last 52 weeks, `weeks_before` of the same weeks a year earlier; None is a
    week before the account came. `contacts` are those of the weeks shown, oldest first.
    """

    as_of: date
    weeks: tuple[int | None, ...]
    weeks_before: tuple[int | None, ...]
    last_active_date: date | None
    usual_gap_days: float | None
    days_silent: int | None
    expected_next_date: date | None
    contacts: tuple[Contact, ...] = ()

    @property
    def first_day(self) -> date:
        """The first day of the first week shown."""
        return self.as_of - timedelta(days=7 * WEEKS_SHOWN - 1)

    def week_of(self, day: date) -> int:
        """Which week shown a day lies in: 0 is the oldest; below 0 or from 52 on it is not shown."""
        return (day - self.first_day).days // 7

    @property
    def has_year_before(self) -> bool:
        """Whether anything is known of the same weeks a year earlier."""
        return any(self.weeks_before)


def timeline_of(
    row: Mapping[str, Any], active_days_by_week: str | None, as_of: date, contacts: Sequence[Contacted] = ()
) -> Timeline:
    """A timeline from an account's wide row, its digits in `account_weeks`, and what was sent to it.

    `row` needs tenure_days, last_active_date, usual_gap_days, days_silent and expected_next_date; each may be None.
    """
    digits = (active_days_by_week or "").rjust(2 * WEEKS_SHOWN, "0")
    tenure_days = row.get("tenure_days")
    known_weeks = 2 * WEEKS_SHOWN if tenure_days is None else int(tenure_days) // 7 + 1
    came = max(2 * WEEKS_SHOWN - known_weeks, 0)
    levels = tuple(int(digit) or (0 if at >= came else None) for at, digit in enumerate(digits))
    first_day = as_of - timedelta(days=7 * WEEKS_SHOWN - 1)
    shown = [Contact(one.on, kind) for one in contacts if (kind := _kind(one.what)) and first_day <= one.on <= as_of]
    return Timeline(
        as_of=as_of,
        weeks=levels[WEEKS_SHOWN:],
        weeks_before=levels[:WEEKS_SHOWN],
        last_active_date=row.get("last_active_date"),
        usual_gap_days=row.get("usual_gap_days"),
        days_silent=row.get("days_silent"),
        expected_next_date=row.get("expected_next_date"),
        contacts=tuple(sorted(shown, key=lambda one: (one.on, one.kind))),
    )


def _kind(what: str) -> ContactKind | None:
    """What a contact is drawn as; a call that came back belongs to the call that was asked for."""
    return what if what in ("mail", "call", "left alone") else None  # type: ignore[return-value]


def month_starts(timeline: Timeline) -> list[tuple[int, date]]:
    """The week in which each month begins, and its first day: where an axis is labelled."""
    found, day = [], timeline.first_day
    while day <= timeline.as_of:
        if day.day == 1:
            found.append((timeline.week_of(day), day))
        day += timedelta(days=1)
    return found
