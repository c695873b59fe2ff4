"""The backlog of the first live nights: who meets a campaign's condition and is beyond the ramp. A list, no mailing."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl

from stillhere.campaigns.ramp import CODE
from stillhere.campaigns.story import amount
from stillhere.lists.lists import money_format
from stillhere.lists.sheets import Column, Sheet, write_csv, write_xlsx

BACKLOG_COLUMNS = (
    "place",
    "account_id",
    "account_name",
    "campaign",
    "signs",
    "churn_probability",
    "value_minor",
    "value_at_stake_minor",
    "owner_email",
)
"""The columns of `backlog.csv`; `place` 1 has the most value at risk and is the first to be mailed when it goes on."""


def write_backlog(folder: Path, decisions: pl.DataFrame, wide: pl.DataFrame, as_of: date, currency: str) -> int:
    """Writes `backlog.csv` and `.xlsx` into a night's lists where anybody waits; gives how many."""
    rows = backlog_rows(decisions, wide)
    if rows.is_empty():
        return 0
    write_csv(folder / "backlog.csv", BACKLOG_COLUMNS, rows.rows())
    columns = [
        Column("Place", "0"),
        Column("Account id"),
        Column("Account"),
        Column("Campaign"),
        Column("What changed", wide=True),
        Column("Chance of leaving", "0%"),
        Column(f"Yearly value ({currency})", money_format(currency)),
        Column(f"Value at risk ({currency})", money_format(currency)),
        Column("Owner"),
    ]
    shown = [
        [*row[:6], amount(row[6], currency), amount(row[7], currency), row[8]] for row in rows.iter_rows(named=False)
    ]
    write_xlsx(folder / "backlog.xlsx", [Sheet("Backlog", columns, shown, stays=3)], as_of)
    return rows.height


def backlog_rows(decisions: pl.DataFrame, wide: pl.DataFrame) -> pl.DataFrame:
    """One row an account beyond the ramp (see BACKLOG_COLUMNS), the most value at risk first."""
    waiting = decisions.filter(pl.col("reason_code") == CODE).select("account_id", "campaign")
    rows = waiting.join(wide, on="account_id", how="left").with_columns(
        signs=pl.col("signs_words"),
        value_minor=pl.col("value_minor").cast(pl.Int64),
        value_at_stake_minor=pl.col("value_at_stake_minor").cast(pl.Int64),
    )
    order = ["value_at_stake_minor", "account_id", "campaign"]
    ordered = rows.sort(order, descending=[True, False, False], nulls_last=True)
    return ordered.with_row_index("place", offset=1).select(BACKLOG_COLUMNS)
