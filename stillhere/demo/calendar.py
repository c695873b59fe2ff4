"""The demo's days: whole numbers since its first day, and how they become dates and instants."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

COMPANY_ZONE = ZoneInfo("Europe/Berlin")
YEARS_OF_HISTORY = 2
LEAVES_PLANNED_DAYS = 120
"""Truth knows who leaves within so many days after the last day of data."""

Days = npt.NDArray[np.int64]
NEVER = 1_000_000


@dataclass(frozen=True, slots=True)
class Calendar:
    """First day of the data, the half-year in which a company lives on, and the last day that is written."""

    first: date
    last: date
    until: date

    @classmethod
    def of(cls, until: date) -> Calendar:
        """Within one half-year every `until` sees the same company, so that nights can follow one another."""
        half_year = date(until.year, 1 if until.month <= 6 else 7, 1)
        first = half_year.replace(year=half_year.year - YEARS_OF_HISTORY)
        end = date(until.year + until.month // 7, 7 if until.month <= 6 else 1, 1) - timedelta(days=1)
        return cls(first, end, until)

    @property
    def days(self) -> int:
        """How many days of use are drawn."""
        return (self.last - self.first).days + 1

    @property
    def today(self) -> int:
        """The last day that is written."""
        return (self.until - self.first).days

    @property
    def cut_at(self) -> datetime:
        """The instant at which the last day ends, in UTC; nothing known later is written."""
        end = datetime.combine(self.until + timedelta(days=1), time(), tzinfo=COMPANY_ZONE)
        return end.astimezone(UTC)

    @property
    def cut_second(self) -> int:
        """The same, in seconds since 1970."""
        return int(self.cut_at.timestamp())

    @property
    def begin_second(self) -> int:
        """When the first day begins, in seconds since 1970."""
        return int(datetime.combine(self.first, time(), COMPANY_ZONE).timestamp())

    def months_written(self) -> list[date]:
        """The first day of every month from the first to the last that is written."""
        count = (self.until.year - self.first.year) * 12 + self.until.month - self.first.month + 1
        return [
            date(self.first.year + at // 12, at % 12 + 1, 1)
            for at in range(self.first.month - 1, self.first.month - 1 + count)
        ]

    @property
    def epoch_day(self) -> int:
        """Days from 1970 to the first day."""
        return (self.first - date(1970, 1, 1)).days

    def day_of(self, day: date) -> int:
        """The number of a date."""
        return (day - self.first).days

    def weekdays(self) -> Days:
        """Monday is 0, for every day of use."""
        return (np.arange(self.days) + self.first.weekday()) % 7

    def months(self) -> Days:
        """The calendar month, 1 to 12, of every day of use."""
        dates = np.datetime64(self.first) + np.arange(self.days)
        return dates.astype("datetime64[M]").astype(np.int64) % 12 + 1

    def days_of_month(self) -> Days:
        """1 to 31, for every day of use."""
        dates = np.datetime64(self.first) + np.arange(self.days)
        month_days: Days = (dates - dates.astype("datetime64[M]")).astype(np.int64) + 1
        return month_days

    def seconds(self, days: npt.ArrayLike, hours: npt.ArrayLike = 0.0) -> Days:
        """Seconds since 1970, UTC, of a time in the company's zone.

        The zone's offset is that of noon: nothing here happens in the hours in which clocks change.
        """
        whole = np.asarray(days, dtype=np.int64)
        if not whole.size:
            return whole
        low, high = int(whole.min()), int(whole.max())
        local = (whole + self.epoch_day) * 86_400 + np.round(np.asarray(hours, dtype=float) * 3600).astype(np.int64)
        return local - _noon_offsets(self.first, low, high)[whole - low]


@cache
def _noon_offsets(first: date, low: int, high: int) -> Days:
    """Seconds that the company's clocks are ahead of UTC at noon, for the days from `low` to `high`."""
    noons = (datetime.combine(first + timedelta(days=day), time(12), COMPANY_ZONE) for day in range(low, high + 1))
    return np.array([(noon.utcoffset() or timedelta()).total_seconds() for noon in noons], dtype=np.int64)
