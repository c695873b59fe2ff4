"""Calls and tickets: what people at the company and its customers said to each other."""

from __future__ import annotations

import numpy as np
import polars as pl

from stillhere.demo.accounts import Accounts
from stillhere.demo.calendar import Calendar
from stillhere.demo.leaving import DAYS_A_MONTH, Leaving

CALLS_A_MONTH, TICKETS_A_MONTH = 0.05, 0.14
REACHED_SHARE = 0.7
SUBJECTS, SUBJECT_SHARES = ("question", "bug", "billing", "access", "other"), (0.42, 0.24, 0.14, 0.12, 0.08)
STAYS_OPEN_SHARE = 0.01
FIRST_ANSWER_HOUR, LAST_ANSWER_HOUR = 8.5, 18.5


def draw_calls(rng: np.random.Generator, accounts: Accounts, leaving: Leaving, calendar: Calendar) -> pl.DataFrame:
    """Calls, more of them to large customers: account, day, hour, minutes, outcome, owner's place."""
    rate = CALLS_A_MONTH * np.clip(np.sqrt(accounts.seats / 10), 0.5, 3)
    account, day = _spread(rng, accounts, leaving, calendar, rate)
    reached = rng.random(len(account)) < REACHED_SHARE
    return pl.DataFrame(
        {
            "account": account,
            "day": day,
            "hour": rng.uniform(9, 17, len(account)),
            "minutes": np.where(reached, rng.integers(3, 45, len(account)), 0),
            "outcome": np.where(reached, "reached", "no answer"),
        }
    ).sort("day", "account")


def draw_tickets(
    rng: np.random.Generator,
    answers: np.random.Generator,
    accounts: Accounts,
    leaving: Leaving,
    calendar: Calendar,
) -> pl.DataFrame:
    """Tickets: account, person's position, day, hour, first answer, closed_day (null while open), subject.

    One that stays open is never answered; any other before the day on which it is closed.
    """
    rate = TICKETS_A_MONTH * np.clip(np.sqrt(accounts.people), 1, 3)
    account, day = _spread(rng, accounts, leaving, calendar, rate)
    count = len(account)
    first = np.cumsum(accounts.people) - accounts.people
    who = first[account] + (rng.random(count) * accounts.people[account]).astype(np.int64)
    opened = pl.DataFrame(
        {
            "account": account,
            "person": who,
            "day": day,
            "hour": rng.uniform(8, 18, count),
            "days_open": rng.geometric(0.3, count),
            "stays_open": rng.random(count) < STAYS_OPEN_SHARE,
            "subject": rng.choice(SUBJECTS, count, p=SUBJECT_SHARES),
        }
    )
    closed = pl.when(~pl.col("stays_open")).then(pl.col("day") + pl.col("days_open"))
    answered = pl.when(~pl.col("stays_open")).then(pl.col("day") + pl.col("_waited_days"))
    same_day = pl.col("_waited_days") == 0
    left_of_day = pl.col("hour") + (LAST_ANSWER_HOUR - pl.col("hour")) * pl.col("_part_of_day")
    next_days = FIRST_ANSWER_HOUR + (LAST_ANSWER_HOUR - FIRST_ANSWER_HOUR) * pl.col("_part_of_day")
    return (
        opened.with_columns(
            _waited_days=(pl.col("days_open") * pl.Series(answers.random(count))).floor().cast(pl.Int64),
            _part_of_day=pl.Series(answers.random(count)),
        )
        .with_columns(
            closed_day=closed,
            answered_day=answered,
            answered_hour=pl.when(same_day).then(left_of_day).otherwise(next_days),
        )
        .drop("days_open", "stays_open", "_waited_days", "_part_of_day")
        .sort("day", "account")
    )


def _spread(
    rng: np.random.Generator,
    accounts: Accounts,
    leaving: Leaving,
    calendar: Calendar,
    rate_a_month: np.ndarray[tuple[int], np.dtype[np.float64]],
) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """Events at a monthly rate over the days that each customer was one."""
    begin = np.maximum(accounts.joined, 0)
    end = np.minimum(leaving.left, calendar.days)
    months = np.maximum(end - begin, 0) / DAYS_A_MONTH
    number = rng.poisson(rate_a_month * months)
    account = np.repeat(np.arange(len(accounts)), number)
    day = begin[account] + (rng.random(len(account)) * np.maximum(end - begin, 1)[account]).astype(np.int64)
    return account, day
