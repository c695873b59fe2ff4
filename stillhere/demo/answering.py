"""Answers what was delivered: who opens, replies, is reached, stays, leaves for having been reminded, comes back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl

from stillhere.demo.accounts import LANGUAGES, Accounts, Flags, Texts
from stillhere.demo.calendar import COMPANY_ZONE, NEVER, Calendar, Days
from stillhere.demo.exit_reasons import Question, with_exit_answers
from stillhere.demo.leaving import Leaving
from stillhere.demo.lived import ANNOYED
from stillhere.demo.record import ANSWERS_SCHEMA, KEY
from stillhere.demo.responses import DO_NOT_DISTURB, OPENS, PERSUADABLE, REPLIES
from stillhere.demo.returning import WON_BACK_AFTER_DAYS, is_won_back

CALLED_SHARE, REACHED_SHARE = 0.9, 0.75
LEAVES_AFTER_DAYS = (3, 25)
UNPAID_BEFORE_DAYS = 7
"""So many days before access ends for good an unpaid contract has none: too late for a reminder."""


@dataclass(frozen=True, slots=True)
class World:
    """The customers, who leaves if nobody turns to them, how each answers being turned to, and who comes back.

    `returns`: the day on which a customer who has left is back by itself; NEVER for all others.
    """

    accounts: Accounts
    planned: Leaving
    responses: Texts
    returns: Days


def answer(
    rng: np.random.Generator,
    delivered: pl.DataFrame,
    record: pl.DataFrame,
    world: World,
    lived_until: date,
    question: Question,
) -> pl.DataFrame:
    """The record with answers to what it does not hold yet; whatever follows begins on the day after `lived_until`.

    A customer's first delivery that is noticed decides; later ones may be opened, and change nothing more.
    """
    calendar = Calendar.of(lived_until)
    new = delivered.join(record, on=KEY, how="anti", nulls_equal=True).unique(KEY, keep="first", maintain_order=True)
    number = new["account_id"].str.extract(r"^ACC-(\d+)$").cast(pl.Int64)
    new = new.with_columns(at=number - 1).filter(pl.col("at") < len(world.accounts))
    at = new["at"].to_numpy()
    noticed = _noticed(rng, new, world.responses[at])
    leaves_on = calendar.today + 1 + rng.integers(*LEAVES_AFTER_DAYS, new.height)
    answers = _told(new, noticed, world.responses[at], lived_until + timedelta(days=1))
    causes = np.where(new["account_id"].is_in(_lost(record).implode()).to_numpy(), ANNOYED, world.planned.cause[at])
    answers = with_exit_answers(rng, answers, causes, _languages(world.accounts, at), question)
    effects, days = _effects(rng, world, at, _decides(new, noticed, record), leaves_on, calendar)
    answers = answers.with_columns(
        effect=pl.Series(effects.tolist(), dtype=pl.String), effect_on=_dates(calendar, days)
    )
    return pl.concat([record, answers.select(list(ANSWERS_SCHEMA)).cast(pl.Schema(ANSWERS_SCHEMA))])


def _told(new: pl.DataFrame, noticed: _Noticed, responses: Texts, start: date) -> pl.DataFrame:
    """What shows of each delivery; it is opened on `start`, replies and calls come a day later."""
    return new.with_columns(
        answered_from=pl.lit(start),
        response=pl.Series(responses.tolist(), dtype=pl.String),
        opened_at=_moments(start, noticed.hours, noticed.opens),
        replied_at=_moments(start + timedelta(days=1), noticed.hours, noticed.replies),
        called_at=_moments(start + timedelta(days=1), noticed.hours, noticed.called),
        was_reached=pl.Series(noticed.reached),
    )


def _decides(new: pl.DataFrame, noticed: _Noticed, record: pl.DataFrame) -> Flags:
    """The first delivery that each customer notices, where none has decided before."""
    decided_already = record.filter(pl.col("effect") != "none")["account_id"]
    may = noticed.is_noticed & ~new["account_id"].is_in(decided_already.implode()).to_numpy()
    first = new.with_row_index("row").filter(pl.Series(may)).unique("account_id", keep="first")["row"].to_numpy()
    decides: Flags = may & np.isin(np.arange(new.height), first)
    return decides


def _effects(
    rng: np.random.Generator, world: World, at: Days, decides: Flags, leaves_on: Days, calendar: Calendar
) -> tuple[Texts, Days]:
    """What each delivery does, and the day on which those lost ask to leave and those won back return; else NEVER."""
    responses, begin = world.responses[at], calendar.today + 1
    kept = decides & (responses == PERSUADABLE) & _in_time(world, at, begin)
    lost = decides & (responses == DO_NOT_DISTURB) & (world.planned.decided[at] == NEVER)
    won_back = decides & is_won_back(rng, world.planned, world.responses, at, calendar.today)
    returns_on = begin + rng.integers(*WON_BACK_AFTER_DAYS, len(at))
    effects = np.select([kept, lost, won_back], ["kept", "lost", "returned"], "none")
    return effects, np.select([lost, won_back], [leaves_on, returns_on], NEVER)


def _dates(calendar: Calendar, days: Days) -> pl.Series:
    dates = [calendar.first + timedelta(days=day) if day < NEVER else None for day in days.tolist()]
    return pl.Series(dates, dtype=pl.Date)


def _lost(record: pl.DataFrame) -> pl.Series:
    """Who leaves for having been reminded."""
    return record.filter(effect="lost")["account_id"]


def _languages(accounts: Accounts, at: Days) -> Texts:
    """The language of a customer's mails and pages: German where it is spoken, else English."""
    spoken = np.array([LANGUAGES[one][:2] for one in accounts.country[at]], dtype="<U2")
    return np.where(spoken == "de", "de", "en")


@dataclass(frozen=True, slots=True)
class _Noticed:
    """One entry a delivery."""

    opens: Flags
    replies: Flags
    called: Flags
    reached: Flags
    hours: np.ndarray[tuple[int], np.dtype[np.float64]]

    @property
    def is_noticed(self) -> Flags:
        """An opened mail, or a call that reached somebody."""
        return self.opens | self.reached


def _noticed(rng: np.random.Generator, new: pl.DataFrame, responses: Texts) -> _Noticed:
    count = new.height
    drawn, second, hours = rng.random(count), rng.random(count), rng.uniform(9, 17, count)
    is_mail = (new["kind"] == "mail").to_numpy()
    opens = is_mail & (drawn < np.array([OPENS[one] for one in responses.tolist()]))
    replies = opens & (second < np.array([REPLIES[one] for one in responses.tolist()]))
    called = ~is_mail & (drawn < CALLED_SHARE)
    return _Noticed(opens, replies, called, called & (second < REACHED_SHARE), hours)


def _in_time(world: World, at: np.ndarray[tuple[int], np.dtype[np.int64]], begin: int) -> Flags:
    """Whether the decision is still to come when the contact works."""
    last = np.where(
        (world.planned.cause == "payment_failure")[at],
        world.planned.left[at] - UNPAID_BEFORE_DAYS,
        world.planned.decided[at],
    )
    in_time: Flags = (last > begin) & (world.planned.decided[at] < NEVER)
    return in_time


def _moments(day: date, hours: np.ndarray[tuple[int], np.dtype[np.float64]], told: Flags) -> pl.Series:
    """Instants (UTC) at an hour of the company's day, null where it did not happen."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=COMPANY_ZONE)
    found = [
        (midnight + timedelta(seconds=round(hour * 3600))).astimezone(UTC) if yes else None
        for hour, yes in zip(hours.tolist(), told.tolist(), strict=True)
    ]
    return pl.Series(found, dtype=pl.Datetime("us", "UTC"))
