"""What answers leave in the CRM: calls that were made, replies as tickets; and nothing of those who left early."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import polars as pl

from stillhere.demo.calendar import COMPANY_ZONE, NEVER, Calendar
from stillhere.demo.companies import OWNERS
from stillhere.demo.lived import Lived
from stillhere.demo.shapes import account_id

FIRST_NUMBER = 9_000_001
"""Numbers of what follows from campaigns begin here; a demo company never has as many calls or tickets of its own."""
Tables = dict[str, pl.DataFrame]


def answered_crm(tables: Tables, record: pl.DataFrame, life: Lived, calendar: Calendar) -> Tables:
    """The CRM's tables with what the record adds to calls and tickets, as of the last day."""
    if record.is_empty():
        return tables
    numbered = record.with_row_index("nth", offset=FIRST_NUMBER)
    left = _left(life, calendar)
    return tables | {
        "calls": pl.concat([_before(tables["calls"], left, "called_at"), _calls(numbered, calendar)]),
        "tickets": pl.concat([_before(tables["tickets"], left, "opened_at"), _replies(numbered, calendar)]),
    }


def _left(life: Lived, calendar: Calendar) -> pl.DataFrame:
    """The last day of those who leave earlier than planned."""
    changed = np.concatenate([step.changed for step in life.steps]) if life.steps else np.array([], dtype=np.int64)
    gone = changed[life.leaving.left[changed] < NEVER]
    days = [calendar.first + timedelta(days=int(day)) for day in life.leaving.left[gone]]
    return pl.DataFrame(
        {"company_id": [account_id(int(at) + 1) for at in gone], "left_on": [day.isoformat() for day in days]},
        schema={"company_id": pl.String, "left_on": pl.String},
    )


def _before(table: pl.DataFrame, left: pl.DataFrame, column: str) -> pl.DataFrame:
    """The rows up to the day on which a company left."""
    joined = table.join(left, on="company_id", how="left", maintain_order="left")
    stays = pl.col("left_on").is_null() | (pl.col(column).str.slice(0, 10) < pl.col("left_on"))
    return joined.filter(stays).drop("left_on")


def _calls(numbered: pl.DataFrame, calendar: Calendar) -> pl.DataFrame:
    called = numbered.filter(pl.col("called_at") < calendar.cut_at)
    return called.select(
        id=pl.format("C-{}", "nth"),
        company_id="account_id",
        person_id=pl.lit(None, dtype=pl.String),
        owner_id=pl.format("OWN-{}", (pl.col("nth") % OWNERS + 1).cast(pl.String).str.zfill(2)),
        called_at=_iso("called_at"),
        minutes=pl.when("was_reached").then(pl.col("nth") % 25 + 5).otherwise(0).cast(pl.Int64),
        outcome=pl.when("was_reached").then(pl.lit("reached")).otherwise(pl.lit("no answer")),
    )


def _replies(numbered: pl.DataFrame, calendar: Calendar) -> pl.DataFrame:
    """A reply is a question, answered and closed a day later."""
    replied = numbered.filter(pl.col("replied_at") < calendar.cut_at)
    closed_at = pl.col("replied_at") + pl.duration(days=1)
    is_closed = closed_at < calendar.cut_at
    closed = pl.when(is_closed).then(_iso_of(closed_at))
    return replied.select(
        id=pl.format("T-{}", "nth"),
        company_id="account_id",
        person_id=pl.when(pl.col("contact_id").str.starts_with("P-")).then("contact_id"),
        subject=pl.lit("question"),
        opened_at=_iso("replied_at"),
        answered_at=closed,
        closed_at=closed,
        status=pl.when(is_closed).then(pl.lit("closed")).otherwise(pl.lit("open")),
        updated_at=pl.coalesce(closed, _iso("replied_at")),
    )


def _iso(column: str) -> pl.Expr:
    return _iso_of(pl.col(column))


def _iso_of(moment: pl.Expr) -> pl.Expr:
    """ISO text with the company zone's offset, as the CRM writes times."""
    return moment.dt.convert_time_zone(COMPANY_ZONE.key).dt.strftime("%Y-%m-%dT%H:%M:%S%:z")
