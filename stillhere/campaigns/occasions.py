"""Occasions: the stretch of time in which a campaign's condition holds for an account. One message belongs to one.

An occasion opens on the first live night on which the condition holds and closes after so many days without it.
Nothing here stores: a live hand-over stores what was `opened`, the newest night stores `kept` and `closed`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from stillhere.campaigns.keys import occasion_key
from stillhere.settings import Campaign

OCCASIONS_SCHEMA: dict[str, pl.DataType] = {
    "occasion": pl.String(),
    "campaign": pl.String(),
    "account_id": pl.String(),
    "opened_date": pl.Date(),
    "last_true_date": pl.Date(),
    "closed_date": pl.Date(),
}
"""One row an occasion, as the operations database keeps them; `closed_date` is null while it is open."""


@dataclass(frozen=True)
class OccasionsTonight:
    """`current`: one row a campaign and account whose condition holds tonight (campaign, account_id, occasion).

    `opened` are rows to store when the night is handed over live; `kept` and `closed` are keys of stored occasions
    whose `last_true_date` or `closed_date` becomes tonight.
    """

    current: pl.DataFrame
    opened: pl.DataFrame
    kept: tuple[str, ...]
    closed: tuple[str, ...]


def conditions_tonight(members: pl.DataFrame, campaigns: Sequence[Campaign], as_of: date) -> pl.DataFrame:
    """Campaign and account for every account whose rule holds tonight: `staying` members are no reason to write."""
    wanted = pl.DataFrame(
        {"campaign": [one.id for one in campaigns], "segment_id": [one.segment for one in campaigns]},
        schema={"campaign": pl.String, "segment_id": pl.String},
    )
    holding = members.filter(pl.col("last_true_date") == as_of)
    return wanted.join(holding, on="segment_id").select("campaign", "account_id").sort("campaign", "account_id")


def occasions_tonight(
    holding: pl.DataFrame, stored: pl.DataFrame, as_of: date, closes_after_days: int
) -> OccasionsTonight:
    """Tonight's occasions from the pairs whose condition holds and the occasions stored so far.

    An occasion ends when a night sees its condition not holding for more than `closes_after_days`; nights that were
    never run end nothing, for nobody looked. Occasions opened after `as_of`, and what closed after it, are not looked
    at, so that an older night does not lean on a newer one.
    """
    open_tonight = pl.col("closed_date").is_null() | (pl.col("closed_date") > as_of)
    known = stored.filter((pl.col("opened_date") <= as_of) & open_tonight)
    alive = known.sort("campaign", "account_id", "opened_date")
    alive = alive.unique(["campaign", "account_id"], keep="first", maintain_order=True)
    pair = ["campaign", "account_id"]
    current = holding.join(alive.select(*pair, "occasion"), on=pair, how="left").with_columns(
        is_new=pl.col("occasion").is_null()
    )
    keys = [
        key or occasion_key(campaign, account, as_of)
        for campaign, account, key in current.select(*pair, "occasion").iter_rows()
    ]
    current = current.with_columns(occasion=pl.Series(keys, dtype=pl.String)).sort(pair)
    last_alive = as_of - timedelta(days=closes_after_days)
    over = known.filter(pl.col("last_true_date") < last_alive).join(holding, on=pair, how="anti")
    opened = current.filter("is_new").select(
        "occasion",
        "campaign",
        "account_id",
        opened_date=pl.lit(as_of),
        last_true_date=pl.lit(as_of),
        closed_date=pl.lit(None, dtype=pl.Date),
    )
    return OccasionsTonight(
        current=current.select(*pair, "occasion"),
        opened=opened.cast(pl.Schema(OCCASIONS_SCHEMA)),
        kept=tuple(current.filter(~pl.col("is_new"))["occasion"].sort()),
        closed=tuple(over["occasion"].sort()),
    )
