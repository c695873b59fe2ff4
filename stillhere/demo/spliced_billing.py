"""Invoices and payments of those whose lives have changed: as planned up to that day, from then on as they live now."""

from __future__ import annotations

import numpy as np
import polars as pl

from stillhere.demo.accounts import Accounts, Texts
from stillhere.demo.billing import Billing
from stillhere.demo.calendar import Calendar
from stillhere.demo.invoices import draw_bills
from stillhere.demo.leaving import Leaving
from stillhere.demo.lived import Lived, Step, part
from stillhere.demo.payments import invoices_table, payments_table, refunds_table
from stillhere.demo.people import People
from stillhere.demo.shapes import random_ids

PAYS_AFTER_SECONDS = 2 * 86_400
Tables = dict[str, pl.DataFrame]


def spliced_billing(
    billing: Billing,
    accounts: Accounts,
    people: People,
    life: Lived,
    periods: pl.DataFrame,
    calendar: Calendar,
    streams: dict[int, np.random.Generator],
) -> Tables:
    """Billing's tables with changed customers' later invoices, payments and refunds replaced.

    `periods` are those of the life that is lived. An invoice that would never have been paid, of a customer who stays
    after all, is paid two days after.
    """
    tables = dict(billing.tables)
    for step in life.steps:
        here = step.changed[billing.has_billing[step.changed]]
        if len(here):
            tables = _spliced(
                tables, billing, accounts, people, life, periods, calendar, streams[step.begin], step, here
            )
    return tables


def _spliced(
    tables: Tables,
    billing: Billing,
    accounts: Accounts,
    people: People,
    life: Lived,
    periods: pl.DataFrame,
    calendar: Calendar,
    rng: np.random.Generator,
    step: Step,
    here: np.ndarray[tuple[int], np.dtype[np.int64]],
) -> Tables:
    begin = int(calendar.seconds([step.begin])[0])
    theirs = pl.Series(billing.customer[here].tolist(), dtype=pl.String)
    later = _later(
        rng, billing.customer[here], billing.subscription[here], accounts, people, life, periods, calendar, here
    )
    old = pl.col("customer").is_in(theirs.implode()) & (pl.col("issued") >= begin)
    dropped = tables["invoices"].filter(old)["id"]
    kept = pl.Series(billing.customer[here][life.leaving.left[here] > calendar.days].tolist(), dtype=pl.String)
    paid_late = tables["invoices"].filter(
        ~old & pl.col("customer").is_in(kept.implode()) & pl.col("id").is_in(billing.never_paid.implode())
    )["id"]
    invoices = _paid_after_all(tables["invoices"].filter(~old), paid_late, begin + PAYS_AFTER_SECONDS, calendar)
    gone = pl.col("invoice").is_in(dropped.implode())
    given_up = pl.col("invoice").is_in(paid_late.implode()) & (pl.col("attempted_at") >= begin)
    paid = _payments(rng, invoices.filter(pl.col("id").is_in(paid_late.implode())), begin, calendar)
    new = {
        name: frame.join(later["invoices"].filter(pl.col("issued") >= begin), left_on=key, right_on="id", how="semi")
        for name, frame, key in (("payments", later["payments"], "invoice"), ("refunds", later["refunds"], "invoice"))
    }
    return tables | {
        "invoices": pl.concat([invoices, later["invoices"].filter(pl.col("issued") >= begin)]),
        "payments": pl.concat([tables["payments"].filter(~gone & ~given_up), paid, new["payments"]]),
        "refunds": pl.concat([tables["refunds"].filter(~gone), new["refunds"]]),
    }


def _later(
    rng: np.random.Generator,
    customer: Texts,
    subscription: Texts,
    accounts: Accounts,
    people: People,
    life: Lived,
    periods: pl.DataFrame,
    calendar: Calendar,
    here: np.ndarray[tuple[int], np.dtype[np.int64]],
) -> Tables:
    """What these customers alone are billed over their whole life, as it is lived now."""
    some, _, leaving = part(accounts, people, life.leaving, here)
    place = pl.DataFrame({"account": here, "place": np.arange(len(here))})
    terms = periods.join(place, on="account").with_columns(account=pl.col("place")).drop("place")
    return billed(rng, customer, subscription, some, leaving, terms, calendar)


def billed(
    rng: np.random.Generator,
    customer: Texts,
    subscription: Texts,
    accounts: Accounts,
    leaving: Leaving,
    terms: pl.DataFrame,
    calendar: Calendar,
) -> Tables:
    """Invoices, payments and refunds of these customers alone, on these terms; each entry is one of `accounts`."""
    bills = draw_bills(rng, accounts, leaving, terms, calendar)
    invoices = bills.invoices.sort("nth")
    ids = pl.DataFrame(
        {"nth": invoices["nth"], "invoice": random_ids(rng, "in_", invoices.height)}, schema_overrides={"nth": pl.Int64}
    )
    payments = payments_table(accounts, customer, bills.attempts.join(ids, on="nth"), rng, calendar)
    return {
        "invoices": invoices_table(accounts, customer, subscription, invoices.join(ids, on="nth"), calendar),
        "payments": payments,
        "refunds": refunds_table(accounts, customer, bills.refunds.join(ids, on="nth"), payments, rng, calendar),
    }


def _paid_after_all(invoices: pl.DataFrame, chosen: pl.Series, paid: int, calendar: Calendar) -> pl.DataFrame:
    if paid >= calendar.cut_second:
        return invoices
    here = pl.col("id").is_in(chosen.implode())
    return invoices.with_columns(
        paid=pl.when(here).then(pl.lit(paid, dtype=pl.Int64)).otherwise("paid"),
        status=pl.when(here).then(pl.lit("paid")).otherwise("status"),
        updated=pl.when(here).then(pl.lit(paid, dtype=pl.Int64)).otherwise("updated"),
    )


def _payments(rng: np.random.Generator, invoices: pl.DataFrame, begin: int, calendar: Calendar) -> pl.DataFrame:
    paid = begin + PAYS_AFTER_SECONDS
    rows = invoices.sort("id").select(
        id=pl.Series(random_ids(rng, "py_", invoices.height), dtype=pl.String),
        invoice="id",
        customer="customer",
        amount="amount",
        currency="currency",
        status=pl.lit("succeeded"),
        failure_code=pl.lit(None, dtype=pl.String),
        attempted_at=pl.lit(paid, dtype=pl.Int64),
    )
    return rows if paid < calendar.cut_second else rows.clear()
