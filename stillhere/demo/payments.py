"""Billing's money: invoices, attempts to collect them, refunds; minor units."""

from __future__ import annotations

import numpy as np
import polars as pl

from stillhere.demo.accounts import Accounts, Texts
from stillhere.demo.calendar import Calendar
from stillhere.demo.shapes import known, random_ids, seconds_or_null


def invoices_table(
    accounts: Accounts,
    customer: Texts,
    subscription: Texts,
    invoices: pl.DataFrame,
    calendar: Calendar,
) -> pl.DataFrame:
    at = invoices["account"].to_numpy()
    cut = calendar.cut_second
    issued = calendar.seconds(invoices["day"].to_numpy(), 10.25)
    paid = seconds_or_null(calendar, invoices["paid_day"], 10.5)
    given_up = seconds_or_null(calendar, invoices["given_up_day"], 11.0)
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


def payments_table(
    accounts: Accounts,
    customer: Texts,
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


def refunds_table(
    accounts: Accounts,
    customer: Texts,
    refunds: pl.DataFrame,
    payments: pl.DataFrame,
    rng: np.random.Generator,
    calendar: Calendar,
) -> pl.DataFrame:
    at = refunds["account"].to_numpy()
    paid = payments.filter(pl.col("status") == "succeeded").select("invoice", pl.col("id").alias("payment"))
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
