"""The one place that says which day a night is about, and what "now" means to it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

from stillhere.settings import Company, StillhereError

# Nothing is scheduled between 00:00 and 03:59 local (clock changes happen there), so a night's "now" is 04:00.
NIGHT_HOUR = time(4, 0)


class NoDataYetError(StillhereError):
    """A company on the data clock has no data to take its day from."""


def default_as_of(company: Company, now: datetime, latest_event_day: Callable[[], date | None]) -> date:
    """The last complete day: yesterday by the company's clock, or the last day of data with `clock: data`.

    Raises NoDataYetError when the data clock finds no data.
    """
    if company.clock == "wall":
        return now.astimezone(company.zone).date() - timedelta(days=1)
    day = company.last_complete_day or latest_event_day()
    if day is None:
        raise NoDataYetError(
            "company.yml, clock: data needs at least one event to know its day, and the sources have none; "
            "set last_complete_day, use clock: wall, or run 'stillhere doctor'"
        )
    return day


def end_of_day(as_of: date, company: Company) -> datetime:
    """The instant (UTC) at which the company's day `as_of` ended: up to there a night may look."""
    next_midnight = datetime.combine(as_of + timedelta(days=1), time(0), tzinfo=company.zone)
    return next_midnight.astimezone(UTC)


def night_now(company: Company, as_of: date, wall_now: datetime) -> datetime:
    """What freshness, message age and quiet hours call now (UTC).

    On the data clock that is the morning after `as_of`, otherwise the wall's.
    """
    if company.clock == "wall":
        return wall_now.astimezone(UTC)
    morning = datetime.combine(as_of + timedelta(days=1), NIGHT_HOUR, tzinfo=company.zone)
    return morning.astimezone(UTC)
