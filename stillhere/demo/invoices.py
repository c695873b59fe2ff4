"""Invoices, attempts to collect them, and refunds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from stillhere.demo.accounts import Accounts, Flags
from stillhere.demo.calendar import Calendar
from stillhere.demo.leaving import DAYS_A_MONTH, TERM_DAYS, Leaving

DUE_DAYS = 14
FIRST_FAILS_SHARE, PAYS_LATE_SHARE, REFUND_SHARE = 0.025, 0.06, 0.004
RETRY_DAYS = (0, 5, 12, 18)
FAILURE_CODES = ("card_declined", "expired_card", "insufficient_funds")


@dataclass(frozen=True, slots=True)
class Bills:
    """Invoices (account, day, amount_minor, due_day, paid_day or null, given_up_day or null), attempts and refunds."""

    invoices: pl.DataFrame
    attempts: pl.DataFrame
    refunds: pl.DataFrame


def draw_bills(
    rng: np.random.Generator, accounts: Accounts, leaving: Leaving, periods: pl.DataFrame, calendar: Calendar
) -> Bills:
    """One invoice a month or a year, collected by card; the last one of a failing payer never is."""
    invoices = _issued(accounts, leaving, periods, calendar)
    count = invoices.height
    left = leaving.left[invoices["account"].to_numpy()]
    day = invoices["day"].to_numpy()
    failing = (leaving.cause == "payment_failure")[invoices["account"].to_numpy()] & (day >= left - 30)
    troubled = _troubled_before(leaving, invoices, rng)
    first_fails = (rng.random(count) < FIRST_FAILS_SHARE) | troubled
    late = rng.random(count) < PAYS_LATE_SHARE
    paid_after = np.where(first_fails, np.array(RETRY_DAYS)[rng.integers(1, 3, count)], 0)
    paid_after = np.where(late & ~first_fails, DUE_DAYS + rng.integers(2, 25, count), paid_after)
    invoices = invoices.with_columns(
        nth=pl.Series(np.arange(1, count + 1)),
        due_day=pl.col("day") + DUE_DAYS,
        paid_day=pl.when(pl.Series(~failing)).then(pl.col("day") + pl.Series(paid_after)),
        given_up_day=pl.when(pl.Series(failing)).then(pl.col("day") + RETRY_DAYS[-1]),
        first_fails=pl.Series(first_fails),
        code=pl.Series(rng.choice(FAILURE_CODES, count)),
    )
    return Bills(invoices, _attempts(invoices), _refunds(rng, invoices))


def _issued(accounts: Accounts, leaving: Leaving, periods: pl.DataFrame, calendar: Calendar) -> pl.DataFrame:
    every = np.where(accounts.is_annual, TERM_DAYS, DAYS_A_MONTH)
    end = np.minimum(leaving.left, calendar.days)
    first = np.maximum(np.ceil(-accounts.joined / every), 0)
    number = np.maximum(np.ceil((end - accounts.joined) / every) - first, 0).astype(np.int64)
    account = np.repeat(np.arange(len(accounts)), number)
    nth = np.arange(len(account)) - np.repeat(np.cumsum(number) - number, number) + first[account]
    day = accounts.joined[account] + np.ceil(nth * every[account]).astype(np.int64)
    issued = pl.DataFrame({"account": account, "day": day}).sort("day", "account")
    terms = periods.select("account", "day", "seats", "unit_minor", "status", "is_annual").sort("day")
    priced = issued.join_asof(terms, on="day", by="account", check_sortedness=False)
    months = pl.when("is_annual").then(12).otherwise(1)
    return (
        priced.filter(pl.col("status") == "active")
        .select("account", "day", amount_minor=pl.col("seats") * pl.col("unit_minor") * months)
        .sort("day", "account")
    )


def _troubled_before(leaving: Leaving, invoices: pl.DataFrame, rng: np.random.Generator) -> Flags:
    """Some failing payers struggle for a month or two before the invoice that is never paid."""
    account, day = invoices["account"].to_numpy(), invoices["day"].to_numpy()
    before = (leaving.cause == "payment_failure")[account] & (day >= leaving.onset[account] - 30)
    troubled: Flags = before & (rng.random(invoices.height) < leaving.strength[account])
    return troubled


def _attempts(invoices: pl.DataFrame) -> pl.DataFrame:
    """Each attempt to collect: failed ones until the day it is paid or given up, and the one that succeeds."""
    tries = pl.DataFrame({"after": RETRY_DAYS})
    fails = invoices.filter(pl.col("first_fails") | pl.col("paid_day").is_null()).join(tries, how="cross")
    last = pl.coalesce("paid_day", pl.col("given_up_day") + 1)
    fails = fails.with_columns(attempt_day=pl.col("day") + pl.col("after")).filter(pl.col("attempt_day") < last)
    failed = fails.select("nth", "account", "amount_minor", "attempt_day", "code", status=pl.lit("failed"))
    succeeded = invoices.filter(pl.col("paid_day").is_not_null()).select(
        "nth",
        "account",
        "amount_minor",
        pl.col("paid_day").alias("attempt_day"),
        pl.lit(None, pl.String).alias("code"),
        pl.lit("succeeded").alias("status"),
    )
    return pl.concat([failed, succeeded]).sort("attempt_day", "nth")


def _refunds(rng: np.random.Generator, invoices: pl.DataFrame) -> pl.DataFrame:
    chosen = invoices.filter(pl.Series(rng.random(invoices.height) < REFUND_SHARE) & pl.col("paid_day").is_not_null())
    days = pl.Series(rng.integers(2, 40, chosen.height))
    return chosen.select(
        "nth", "account", refunded_minor=pl.col("amount_minor") // 2, refund_day=pl.col("paid_day") + days
    )
