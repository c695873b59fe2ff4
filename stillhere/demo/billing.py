"""The billing vendor's tables: customers, plans, periods, invoices, payments, refunds; epochs and minor units."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from stillhere.demo.accounts import COUNTRIES, LIST_PRICES, Accounts, Flags, Texts
from stillhere.demo.calendar import Calendar
from stillhere.demo.invoices import Bills
from stillhere.demo.leaving import Leaving
from stillhere.demo.payments import invoices_table, payments_table, refunds_table
from stillhere.demo.shapes import account_id, domain_of, known, random_ids
from stillhere.demo.subscriptions import periods_table

NOT_IN_BILLING_SHARE, TWICE_SHARE = 0.01, 0.006
NO_REFERENCE_SHARE, TYPED_LATER_SHARE = 0.07, 0.4
Tables = dict[str, pl.DataFrame]


@dataclass(frozen=True, slots=True)
class Billing:
    """The tables, which customers billing knows and by which ids, and invoices that are never paid."""

    tables: Tables
    has_billing: Flags
    customer: Texts
    subscription: Texts
    never_paid: pl.Series


def build_billing(
    rng: np.random.Generator,
    accounts: Accounts,
    leaving: Leaving,
    names: list[str],
    periods: pl.DataFrame,
    bills: Bills,
    calendar: Calendar,
) -> Billing:
    """All tables as of the last day. Nothing that became known later is in them."""
    count = len(accounts)
    # Who leaves is never a contract on paper: truth would tell of somebody whom no contract shows.
    has_billing = (rng.random(count) >= NOT_IN_BILLING_SHARE) | leaving.leaves
    customer = np.array(random_ids(rng, "cus_", count))
    subscription = np.array(random_ids(rng, "sub_", count))
    here = pl.DataFrame({"account": np.arange(count)[has_billing]})
    periods = periods.join(here, on="account", how="semi")
    invoices = bills.invoices.join(here, on="account", how="semi").sort("nth")
    invoice_ids = pl.DataFrame(
        {"nth": invoices["nth"], "invoice": random_ids(rng, "in_", invoices.height)}, schema_overrides={"nth": pl.Int64}
    )
    tables = {
        "customers": _customers(rng, accounts, names, customer, has_billing, calendar),
        "plans": _plans(),
        "subscription_periods": periods_table(accounts, customer, subscription, periods, calendar),
        "invoices": invoices_table(accounts, customer, subscription, invoices.join(invoice_ids, on="nth"), calendar),
        "payments": payments_table(accounts, customer, bills.attempts.join(invoice_ids, on="nth"), rng, calendar),
    }
    tables["refunds"] = refunds_table(
        accounts, customer, bills.refunds.join(invoice_ids, on="nth"), tables["payments"], rng, calendar
    )
    never_paid = invoices.join(invoice_ids, on="nth").filter(pl.col("paid_day").is_null())["invoice"]
    return Billing(tables, has_billing, customer, subscription, never_paid)


def _customers(
    rng: np.random.Generator,
    accounts: Accounts,
    names: list[str],
    customer: Texts,
    has_billing: Flags,
    calendar: Calendar,
) -> pl.DataFrame:
    created = calendar.seconds(accounts.joined, 10.0)
    missing = rng.random(len(accounts)) < NO_REFERENCE_SHARE
    typed_day = accounts.joined + rng.integers(10, 600, len(accounts))
    typed_later = missing & (rng.random(len(accounts)) < TYPED_LATER_SHARE) & (typed_day <= calendar.today)
    frame = pl.DataFrame(
        {
            "id": customer,
            "name": names,
            "email": [f"billing@{domain_of(name)}" for name in names],
            "external_ref": _references(rng, accounts, missing & ~typed_later),
            "currency": accounts.currency,
            "country": [COUNTRIES[one] for one in accounts.country],
            "created": created,
            "updated": np.where(typed_later, calendar.seconds(typed_day, 10.5), created),
        }
    ).filter(pl.Series(has_billing))
    twice = frame.filter(pl.Series(rng.random(frame.height) < TWICE_SHARE))
    twice = twice.with_columns(id=pl.Series(random_ids(rng, "cus_", twice.height), dtype=pl.String))
    return known(calendar, pl.concat([frame, twice]), "created")


def _references(rng: np.random.Generator, accounts: Accounts, missing: Flags) -> list[str | None]:
    """The CRM's id as people type it."""
    spelling = rng.integers(0, 5, len(accounts))
    found: list[str | None] = []
    for number, form, none in zip(accounts.number.tolist(), spelling.tolist(), missing.tolist(), strict=True):
        whole = account_id(number)
        forms = (whole, whole.lower().replace("-", ""), f"ACC {number}", str(number), f" crm:{whole}")
        found.append((None if number % 2 else "") if none else forms[form])
    return found


def _plans() -> pl.DataFrame:
    rows = [
        {"id": f"{plan}-{currency}", "name": plan.title(), "currency": currency, "unit_amount": price}
        for plan, prices in LIST_PRICES.items()
        for currency, price in prices.items()
    ]
    return pl.DataFrame(rows)
