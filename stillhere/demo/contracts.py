"""Contracts: periods of unchanged terms, told as billing records them."""

from __future__ import annotations

import numpy as np
import polars as pl

from stillhere.demo.accounts import LIST_PRICES, PLANS, Accounts
from stillhere.demo.calendar import NEVER
from stillhere.demo.leaving import TERM_DAYS, Leaving


def periods_of(accounts: Accounts, leaving: Leaving, changes: pl.DataFrame) -> pl.DataFrame:
    """Periods of unchanged terms: account, day, end_day, plan, seats, unit_minor, status, term's end, cancelling."""
    base = pl.DataFrame(
        {
            "account": np.arange(len(accounts)),
            "seats0": accounts.seats,
            "unit0": accounts.unit_minor,
            "plan0": [PLANS.index(one) for one in accounts.plan],
            "currency": accounts.currency,
            "joined": accounts.joined,
            "is_annual": accounts.is_annual,
            "requested": leaving.cancel_requested,
            "left": leaving.left,
            "by_payment": leaving.cause == "payment_failure",
        }
    )
    of_kind = {
        kind: pl.when(pl.col("kind") == kind).then(pl.col("value")) for kind in ("rise", "seats", "plan", "pause")
    }
    steps = changes.group_by("account", "day", maintain_order=True).agg(
        ((100 + of_kind["rise"].fill_null(0)) / 100).product().alias("rise"),
        ((100 + of_kind["seats"].fill_null(0)) / 100).product().alias("growth"),
        of_kind["plan"].sum().alias("steps"),
        of_kind["pause"].max().alias("pause"),
        (pl.col("kind") == "unpaid").any().alias("unpaid"),
        (pl.col("kind") == "end").any().alias("end"),
        pl.col("kind").filter(pl.col("kind") != "end").first().alias("because"),
    )
    rows = steps.join(base, on="account").sort("account", "day")
    rows = rows.with_columns(at=(pl.col("plan0") + pl.col("steps").cum_sum().over("account")).clip(0, len(PLANS) - 1))
    prices = _price_table()
    rows = rows.join(prices, on=["at", "currency"], maintain_order="left").join(
        prices.select("currency", pl.col("at").alias("plan0"), pl.col("list_minor").alias("list0")),
        on=["plan0", "currency"],
        maintain_order="left",
    )
    rows = rows.with_columns(
        seats=(pl.col("seats0") * pl.col("growth").cum_prod().over("account")).round().clip(1, None).cast(pl.Int64),
        unit_minor=(
            pl.col("unit0") * pl.col("list_minor") / pl.col("list0") * pl.col("rise").cum_prod().over("account") / 50
        )
        .round()
        .cast(pl.Int64)
        * 50,
        paused=pl.col("pause").forward_fill().over("account").fill_null(0) == 1,
        unpaid=pl.col("unpaid").cum_max().over("account"),
        end_day=pl.col("day").shift(-1).over("account"),
        nth=pl.int_range(1, pl.len() + 1).over("account"),
    ).filter(~pl.col("end"))
    term = pl.col("joined") + ((pl.col("day") - pl.col("joined")) // TERM_DAYS + 1) * TERM_DAYS
    asked = (pl.col("requested") < NEVER) & (pl.col("day") >= pl.col("requested"))
    return rows.with_columns(
        status=pl.when("unpaid")
        .then(pl.lit("unpaid"))
        .when("paused")
        .then(pl.lit("paused"))
        .otherwise(pl.lit("active")),
        term_ends_day=pl.when("is_annual").then(term),
        requested_day=pl.when(asked).then("requested"),
        cancel_day=pl.when(asked).then("left"),
    )


def _price_table() -> pl.DataFrame:
    rows = [
        {"at": at, "plan": plan, "currency": currency, "list_minor": price}
        for at, plan in enumerate(PLANS)
        for currency, price in LIST_PRICES[plan].items()
    ]
    return pl.DataFrame(rows)
