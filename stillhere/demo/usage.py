"""Who used what on which day: one probability per person and day, drawn at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import polars as pl

from stillhere.demo.accounts import Accounts
from stillhere.demo.calendar import Calendar, Days
from stillhere.demo.leaving import Leaving
from stillhere.demo.people import People

Columns = TypeVar("Columns", Accounts, People, Leaving)
Probabilities = npt.NDArray[np.float32]
FEATURES = ("boards", "reports", "automations", "comments", "exports", "integrations", "mobile")
DAILY, OFF_DAY, WEEKLY, WEEKLY_OTHER, MONTHLY = 0.36, 0.03, 0.55, 0.05, 0.45
HOLIDAY_FACTOR, AUGUST_FACTOR, SEASONAL_AUGUST_FACTOR = 0.15, 0.8, 0.03
SECOND_FEATURE_SHARE = 0.16
FIRST_WEEKS_DAYS, FIRST_WEEKS_CHANCE = 14, 0.32
"""A new user tries things: at least so likely on a working day of the first two weeks, whatever the later habit."""
TEST_USE_CHANCE = 0.2
ACCOUNTS_A_BLOCK = 1000
LATE_SHARE, TWICE_SHARE = 0.015, 0.003


def blocks_of(accounts: Accounts) -> int:
    """In how many blocks use is drawn: so many accounts each, and one of our own test accounts."""
    return -(-len(accounts) // ACCOUNTS_A_BLOCK) + 1


def draw_usage(
    rng: np.random.Generator,
    accounts: Accounts,
    people: People,
    leaving: Leaving,
    staff: pl.DataFrame,
    calendar: Calendar,
) -> Iterator[pl.DataFrame]:
    """Rows of use: account's and person's number, feature, `occurred` and `received` (UTC seconds), count.

    They come in blocks of accounts, each from a stream of its own, so that memory does not grow with the company.
    """
    streams = rng.spawn(blocks_of(accounts))
    for nth, stream in enumerate(streams[:-1]):
        rows = slice(nth * ACCOUNTS_A_BLOCK, (nth + 1) * ACCOUNTS_A_BLOCK)
        first, last = np.searchsorted(people.account, [rows.start, rows.stop])
        users = _part(people, slice(first, last))
        users = replace(users, account=users.account - rows.start)
        yield draw_block(stream, _part(accounts, rows), users, _part(leaving, rows), calendar)
    yield _draw_tests(streams[-1], staff, calendar)


def _part(columns: Columns, rows: slice) -> Columns:
    return replace(columns, **{one.name: getattr(columns, one.name)[rows] for one in fields(columns)})


def draw_block(
    rng: np.random.Generator, accounts: Accounts, people: People, leaving: Leaving, calendar: Calendar
) -> pl.DataFrame:
    """Rows of use of some customers; `people.account` counts from the first of them."""
    chance = _person_days(rng, accounts, people, calendar)
    chance *= _account_days(rng, accounts, leaving, calendar)[people.account]
    _stop_champions(chance, people, leaving)
    _start(chance, people, leaving, calendar)
    person, day = np.nonzero(rng.random(chance.shape, dtype=np.float32) < chance)
    return _as_rows(rng, accounts, people, calendar, person, day)


def _draw_tests(rng: np.random.Generator, staff: pl.DataFrame, calendar: Calendar) -> pl.DataFrame:
    """Our own people try things at the test accounts."""
    days = np.arange(calendar.days)
    possible = (days[None, :] >= staff["joined"].to_numpy()[:, None]) & (calendar.weekdays() < 5)
    who, day = np.nonzero((rng.random(possible.shape) < TEST_USE_CHANCE) & possible)
    occurred = calendar.seconds(day, rng.uniform(9, 18, len(day)))
    numbers = staff["number"].to_numpy()[who], staff["person"].to_numpy()[who]
    return _frame(rng, *numbers, rng.integers(0, len(FEATURES), len(day)), occurred)


def _person_days(rng: np.random.Generator, accounts: Accounts, people: People, calendar: Calendar) -> Probabilities:
    """A person's habit on every day: by the account's cadence, the weekday and the person's own zeal."""
    weekdays, month_days = calendar.weekdays(), calendar.days_of_month()
    working = weekdays < 5
    cadence = accounts.cadence[people.account]
    favourite = rng.integers(0, 5, len(accounts))[people.account]
    daily = np.where(working, DAILY, OFF_DAY)
    weekly = np.where(weekdays[None, :] == favourite[:, None], WEEKLY, np.where(working, WEEKLY_OTHER, 0.005))
    monthly = np.where(working & ((month_days >= 26) | (month_days <= 3)), MONTHLY * 0.5, 0.012)
    chance = np.where(
        (cadence == "daily")[:, None], daily, np.where((cadence == "weekly")[:, None], weekly, monthly)
    ).astype(np.float32)
    days = np.arange(calendar.days)
    is_new = working & (days[None, :] < people.starts[:, None] + FIRST_WEEKS_DAYS)
    chance = np.maximum(chance, np.where(is_new, np.float32(FIRST_WEEKS_CHANCE), np.float32(0)))
    chance *= people.zeal[:, None].astype(np.float32)
    chance[days[None, :] < people.starts[:, None]] = 0
    chance[days[None, :] >= people.stops[:, None]] = 0
    return chance


def _account_days(rng: np.random.Generator, accounts: Accounts, leaving: Leaving, calendar: Calendar) -> Probabilities:
    """What happens to a whole account: holidays, quiet weeks, a slow start, fading before it leaves, the end."""
    days = np.arange(calendar.days)[None, :]
    months, month_days = calendar.months(), calendar.days_of_month()
    factor = np.ones((len(accounts), calendar.days), dtype=np.float32)
    factor *= _slow_weeks(rng, len(accounts), calendar.days)
    factor[:, months == 8] *= AUGUST_FACTOR
    factor[:, (months == 12) & (month_days >= 23)] *= HOLIDAY_FACTOR
    factor[np.ix_(accounts.is_seasonal, (months == 8) | ((months == 7) & (month_days >= 28)))] *= SEASONAL_AUGUST_FACTOR
    strength = leaving.strength[:, None].astype(np.float32)
    span = np.maximum(leaving.decided - leaving.onset, 1)[:, None]
    gone = np.clip((days - leaving.onset[:, None]) / span, 0, 1.3).astype(np.float32)
    depth = np.select(
        [leaving.cause == "fading_use", leaving.cause == "champion_left", leaving.cause == "price"],
        [0.95, 0.4, 0.3],
        0.1,
    ).astype(np.float32)
    factor *= np.clip(1 - depth[:, None] * strength * np.minimum(1.6 * gone, 1.05), 0.02, 1)
    failing = leaving.cause == "failed_onboarding"
    factor[failing] *= 1 - 0.78 * strength[failing]
    dip = (leaving.decoy == "fading_use")[:, None] & (days >= leaving.decoy_at[:, None])
    factor *= np.where(dip & (days < leaving.decoy_at[:, None] + 40), np.float32(0.25), np.float32(1))
    factor *= np.where(days >= leaving.decided[:, None], np.float32(0.35), np.float32(1))
    factor[days >= leaving.left[:, None]] = 0
    return factor


def _slow_weeks(rng: np.random.Generator, accounts: int, days: int) -> Probabilities:
    """Every customer has weeks that are slower or busier than usual, and a mood that lasts for a month or two."""
    weeks = np.exp(rng.normal(0, 0.30, (accounts, days // 7 + 1))).repeat(7, axis=1)[:, :days]
    moods = np.exp(rng.normal(0, 0.30, (accounts, days // 45 + 1))).repeat(45, axis=1)[:, :days]
    factor: Probabilities = np.clip(weeks * moods, 0.05, 1.7).astype(np.float32)
    return factor


def _stop_champions(chance: Probabilities, people: People, leaving: Leaving) -> None:
    """The champion of an account that will leave for it stops at the onset; a replaced champion stops as well."""
    days = np.arange(chance.shape[1])[None, :]
    account = people.account
    left = people.is_champion & (leaving.cause == "champion_left")[account]
    rest = np.where(leaving.strength >= 0.7, 0.02, np.where(leaving.strength > 0, 0.45, 1.0))[account]
    gone = left[:, None] & (days >= leaving.onset[account][:, None])
    chance *= np.where(gone, rest[:, None], 1).astype(np.float32)
    replaced = people.is_champion & (leaving.decoy == "champion_left")[account]
    chance[replaced[:, None] & (days >= leaving.decoy_at[account][:, None])] = 0


def _start(chance: Probabilities, people: People, leaving: Leaving, calendar: Calendar) -> None:
    """A person's first day is the first day of use, on the Monday after for who starts on a weekend.

    Without it some of those who count as early would not be seen for weeks, and the truth would not be in the data.
    """
    weekday = (people.starts + calendar.first.weekday()) % 7
    first = people.starts + np.where(weekday >= 5, 7 - weekday, 0)
    seen = (people.starts >= 0) & (first < calendar.days) & (first < people.stops)
    seen &= first < leaving.left[people.account]
    chance[np.nonzero(seen)[0], first[seen]] = 1


def _as_rows(
    rng: np.random.Generator, accounts: Accounts, people: People, calendar: Calendar, person: Days, day: Days
) -> pl.DataFrame:
    second = rng.random(len(person)) < SECOND_FEATURE_SHARE
    person, day = np.concatenate([person, person[second]]), np.concatenate([day, day[second]])
    first_feature = people.favourite_feature[person]
    other = rng.integers(0, len(FEATURES), len(person))
    is_second = np.arange(len(person)) >= len(second)
    takes_other = is_second | (rng.random(len(person)) < 0.3)
    feature = np.where(takes_other, other, first_feature)
    logs_in = ~is_second & (rng.random(len(person)) < 0.25)
    hours = np.clip(rng.normal(11.5, 2.6, len(person)), 5.5, 20.5) + people.hours_west[person]
    occurred = calendar.seconds(day, hours)
    used = np.where(logs_in, len(FEATURES), feature)
    return _frame(rng, accounts.number[people.account[person]], people.number[person], used, occurred)


def _frame(rng: np.random.Generator, account: Days, person: Days, used: Days, occurred: Days) -> pl.DataFrame:
    """Rows with the time at which they were received; some days late, some delivered twice."""
    count = len(account)
    delay = rng.exponential(90, count).astype(np.int64) + 1
    delay += np.where(rng.random(count) < LATE_SHARE, rng.integers(1, 4, count) * 86_400, 0)
    names = pl.Series([*FEATURES, "login"], dtype=pl.Enum([*FEATURES, "login"]))
    rows = pl.DataFrame(
        {
            "account": account,
            "person": person,
            "feature": names.gather(used),
            "occurred": occurred,
            "received": occurred + delay,
            "count": (1 + rng.poisson(4, count)).astype(np.int32),
        },
        schema_overrides={"account": pl.Int32, "person": pl.Int32},
    ).unique(["person", "occurred", "feature"], maintain_order=True)
    twice = rows.filter(pl.Series(rng.random(rows.height) < TWICE_SHARE))
    return pl.concat([rows, twice.with_columns(received=pl.col("received") + 300)])
