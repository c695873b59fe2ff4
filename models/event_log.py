"""Any event log: who did something on which day. Grain: account x day with an event.

Everything is counted in whole numbers, so that the order of a file's rows can't move a last bit of a feature.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from models.measure import Outcome

EPOCH = date(1970, 1, 1)
STRAY_ONE_IN = 1000
DAYS_SCHEMA = {
    "account": pl.String(),
    "day": pl.Int32(),
    "events": pl.Int64(),
    "value": pl.Int64(),
    "second_of_day": pl.Int64(),
}
KINDS_SCHEMA = {"account": pl.String(), "day": pl.Int32(), "kind": pl.String(), "events": pl.Int64()}


@dataclass(frozen=True, slots=True)
class EventLog:
    """`days`: one row an account and day (`DAYS_SCHEMA`), by account and day; `kinds`: events by kind, or None.

    `day` counts from 1970-01-01. `value` is in ten-thousandths and `second_of_day` is the sum over the day's events;
    both are 0 where the log has none.
    """

    days: pl.DataFrame
    kinds: pl.DataFrame | None = None
    has_value: bool = False
    has_time: bool = False

    @property
    def begins_on(self) -> int:
        """The day on which the record begins in earnest: before it lies less than a thousandth of the account-days.

        One date typed wrong by a century must not stretch the record over it.
        """
        return _edge(self.days["day"].sort()[self.days.height // STRAY_ONE_IN])

    @property
    def last_day(self) -> int:
        """The last day with an event."""
        return _edge(self.days["day"].max())

    def until(self, day: int) -> EventLog:
        """The log as it was at the end of a day: nothing later is in it."""
        kinds = None if self.kinds is None else self.kinds.filter(pl.col("day") <= day)
        return EventLog(self.days.filter(pl.col("day") <= day), kinds, self.has_value, self.has_time)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a log: who of those active in the last `active_days` has no event in the next `horizon_days`."""

    horizon_days: int
    active_days: int


def population(log: EventLog, cutoff: int, question: Question) -> pl.Series:
    """Accounts with an event on a day in (T - A, T], by id."""
    active = log.days.filter(pl.col("day").is_between(cutoff - question.active_days + 1, cutoff))
    return active["account"].unique().sort()


def left(log: EventLog, accounts: pl.Series, cutoff: int, question: Question) -> Outcome:
    """For each account: no event on a day in (T, T + H]."""
    came = log.days.filter(pl.col("day").is_between(cutoff + 1, cutoff + question.horizon_days))["account"].unique()
    return np.asarray(~accounts.is_in(came.implode()).to_numpy(), dtype=np.bool_)


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - EPOCH).days


def day_of(number: int) -> date:
    """The date of a day number."""
    return EPOCH + timedelta(days=number)


def _edge(value: object) -> int:
    if not isinstance(value, int):
        raise ValueError("an event log without events has no days")
    return value
