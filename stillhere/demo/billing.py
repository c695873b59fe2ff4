"""The billing vendor's tables: customers, plans, periods, invoices, payments, refunds; epochs and minor units."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from stillhere.demo.accounts import COUNTRIES, LIST_PRICES, Accounts
from stillhere.demo.calendar import NEVER, Calendar
from stillhere.demo.invoices import Bills
from stillhere.demo.leaving import Leaving
from stillhere.demo.shapes import account_id, domain_of, known, random_ids

NOT_IN_BILLING_SHARE, TWICE_SHARE = 0.01, 0.006
Tables = dict[str, pl.DataFrame]


@dataclass(frozen=True, slots=True)
class Billing:
    """The tables, and which customers billing knows."""

    tables: Tables
    has_billing: np.ndarray[tuple[int], np.dtype[np.bool_]]


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
        "subscription_periods": _periods(accounts, customer, subscription, periods, calendar),
        "invoices": _invoices(accounts, customer, subscription, invoices.join(invoice_ids, on="nth"), calendar),
        "payments": _payments(accounts, customer, bills.attempts.join(invoice_ids, on="nth"), rng, calendar),
    }
    tables["refunds"] = _refunds(accounts, customer, bills.refunds.join(invoice_ids, on="nth"), tables, rng, calendar)
    return Billing(tables, has_billing)


def _customers(
    rng: np.random.Generator,
    accounts: Accounts,
    names: list[str],
    customer: np.ndarray[tuple[int], np.dtype[np.str_]],
    has_billing: np.ndarray[tuple[int], np.dtype[np.bool_]],
    calendar: Calendar,
) -> pl.DataFrame:
    created = calendar.seconds(accounts.joined, 10.0)
    changed = calendar.seconds(np.minimum(accounts.joined + rng.integers(0, 300, len(accounts)), calendar.today), 10.5)
    frame = pl.DataFrame(
        {
            "id": customer,
            "name": names,
            "email": [f"billing@{domain_of(name)}" for name in names],
            "external_ref": _references(rng, accounts),
            "currency": accounts.currency,
            "country": [COUNTRIES[one] for one in accounts.country],
            "created": created,
            "updated": np.maximum(changed, created),
        }
    ).filter(pl.Series(has_billing))
    twice = frame.filter(pl.Series(rng.random(frame.height) < TWICE_SHARE))
    twice = twice.with_columns(id=pl.Series(random_ids(rng, "cus_", twice.height), dtype=pl.String))
    return known(calendar, pl.concat([frame, twice]), "created")


def _references(rng: np.random.Generator, accounts: Accounts) -> list[str | None]:
    """The CRM's id as people type it; one in twenty is missing."""
    spelling = rng.integers(0, 5, len(accounts))
    missing = rng.random(len(accounts)) < 0.05
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


def _periods(
    accounts: Accounts,
    customer: np.ndarray[tuple[int], np.dtype[np.str_]],
    subscription: np.ndarray[tuple[int], np.dtype[np.str_]],
    periods: pl.DataFrame,
    calendar: Calendar,
) -> pl.DataFrame:
    at = periods["account"].to_numpy()
    currency = accounts.currency[at]
    starts = calendar.seconds(periods["day"].to_numpy(), 10.0)
    ends_day = periods["end_day"].fill_null(NEVER).to_numpy()
    is_over = ends_day <= calendar.today
    ends = calendar.seconds(np.where(is_over, ends_day, 0), 10.0)
    is_last = (periods["end_day"] == periods["left"]).fill_null(value=False).to_numpy()
    months = np.where(periods["is_annual"].to_numpy(), 12, 1)
    status = periods["status"].to_numpy().astype(str)
    amount = np.where(status == "paused", 0, periods["seats"].to_numpy() * periods["unit_minor"].to_numpy() * months)
    reason = np.where(periods["by_payment"].to_numpy(), "payment", "cancelled")
    frame = pl.DataFrame(
        {
            "id": [f"{subscription[a]}.{n:03d}" for a, n in zip(at.tolist(), periods["nth"].to_list(), strict=True)],
            "subscription": subscription[at],
            "customer": customer[at],
            "plan": [f"{p}-{c}" for p, c in zip(accounts.plan[at].tolist(), currency.tolist(), strict=True)],
            "quantity": periods["seats"],
            "unit_amount": periods["unit_minor"],
            "amount": amount,
            "currency": currency,
            "interval": np.where(periods["is_annual"].to_numpy(), "year", "month"),
            "discount_percent": accounts.discount_percent[at],
            "status": status,
            "starts": starts,
            "ends": pl.Series(ends).set(pl.Series(~is_over), None),
            "term_ends": _seconds_or_null(calendar, periods["term_ends_day"]),
            "cancel_requested": _seconds_or_null(calendar, periods["requested_day"]),
            "cancel_at": _seconds_or_null(calendar, periods["cancel_day"]),
            "end_reason": pl.Series(reason).set(pl.Series(~(is_over & is_last)), None),
            "recorded_at": np.where(is_over, ends, starts),
        }
    )
    return known(calendar, frame, "starts")


def _invoices(
    accounts: Accounts,
    customer: np.ndarray[tuple[int], np.dtype[np.str_]],
    subscription: np.ndarray[tuple[int], np.dtype[np.str_]],
    invoices: pl.DataFrame,
    calendar: Calendar,
) -> pl.DataFrame:
    at = invoices["account"].to_numpy()
    cut = int(calendar.cut_at.timestamp())
    issued = calendar.seconds(invoices["day"].to_numpy(), 10.25)
    paid = _seconds_or_null(calendar, invoices["paid_day"], 10.5)
    given_up = _seconds_or_null(calendar, invoices["given_up_day"], 11.0)
    frame = pl.DataFrame(
        {
            "id": invoices["invoice"],
            "customer": customer[at],
            "subscription": subscription[at],
            "amount": invoices["amount_minor"],
            "currency": accounts.currency[at],
            "issued": issued,
            "due": calendar.seconds(invoices["due_day"].to_numpy(), 10.25),
            "paid": paid,
            "given_up": given_up,
        }
    ).with_columns(
        paid=pl.when(pl.col("paid") < cut).then("paid"),
        given_up=pl.when(pl.col("given_up") < cut).then("given_up"),
    )
    status = (
        pl.when(pl.col("paid").is_not_null())
        .then(pl.lit("paid"))
        .when(pl.col("given_up").is_not_null())
        .then(pl.lit("uncollectible"))
        .otherwise(pl.lit("open"))
    )
    told = frame.with_columns(status=status, updated=pl.coalesce("paid", "given_up", "issued")).drop("given_up")
    order = ["id", "customer", "subscription", "amount", "currency", "status", "issued", "due", "paid", "updated"]
    return known(calendar, told.select(order), "issued")


def _payments(
    accounts: Accounts,
    customer: np.ndarray[tuple[int], np.dtype[np.str_]],
    attempts: pl.DataFrame,
    rng: np.random.Generator,
    calendar: Calendar,
) -> pl.DataFrame:
    at = attempts["account"].to_numpy()
    frame = pl.DataFrame(
        {
            "id": random_ids(rng, "py_", attempts.height),
            "invoice": attempts["invoice"],
            "customer": customer[at],
            "amount": attempts["amount_minor"],
            "currency": accounts.currency[at],
            "status": attempts["status"],
            "failure_code": attempts["code"],
            "attempted_at": calendar.seconds(attempts["attempt_day"].to_numpy(), 10.5),
        }
    )
    return known(calendar, frame, "attempted_at")


def _refunds(
    accounts: Accounts,
    customer: np.ndarray[tuple[int], np.dtype[np.str_]],
    refunds: pl.DataFrame,
    tables: Tables,
    rng: np.random.Generator,
    calendar: Calendar,
) -> pl.DataFrame:
    at = refunds["account"].to_numpy()
    paid = tables["payments"].filter(pl.col("status") == "succeeded").select("invoice", pl.col("id").alias("payment"))
    frame = pl.DataFrame(
        {
            "id": random_ids(rng, "re_", refunds.height),
            "invoice": refunds["invoice"],
            "customer": customer[at],
            "amount": refunds["refunded_minor"],
            "currency": accounts.currency[at],
            "refunded_at": calendar.seconds(refunds["refund_day"].to_numpy(), 14.0),
        }
    ).join(paid, on="invoice", how="inner", maintain_order="left")
    order = ["id", "payment", "invoice", "customer", "amount", "currency", "refunded_at"]
    return known(calendar, frame.select(order), "refunded_at")


def _seconds_or_null(calendar: Calendar, days: pl.Series, hour: float = 10.0) -> pl.Series:
    missing = days.is_null()
    return pl.Series(calendar.seconds(days.fill_null(0).to_numpy(), hour)).set(missing, None)
