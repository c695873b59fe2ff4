"""The world's record: what was delivered to whom while the demo lived on, and what it did. Kept in `truth/`."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl

FILE_NAME = "answers.parquet"

ANSWERS_SCHEMA: dict[str, pl.DataType] = {
    "kind": pl.String(),
    "message_id": pl.String(),
    "campaign": pl.String(),
    "account_id": pl.String(),
    "contact_id": pl.String(),
    "as_of": pl.Date(),
    "answered_from": pl.Date(),
    "response": pl.String(),
    "opened_at": pl.Datetime("us", "UTC"),
    "replied_at": pl.Datetime("us", "UTC"),
    "called_at": pl.Datetime("us", "UTC"),
    "was_reached": pl.Boolean(),
    "effect": pl.String(),
    "effect_on": pl.Date(),
    "exit_answered_at": pl.Datetime("us", "UTC"),
    "exit_reason": pl.String(),
    "exit_comment": pl.String(),
    "may_quote": pl.Boolean(),
    "language": pl.String(),
}
"""One row a delivery: a mail handed over on a live night, or a task on its call list; and one a return by themselves.

`answered_from` is the first day that was lived after it; nothing before that day changes. `effect`: kept (would have
left, stays), lost (would have stayed, leaves; asks on `effect_on`), returned (had left, is back on `effect_on`) or
none. A return that followed nothing has the kind `return` and neither campaign nor contact. `exit_*`, `may_quote` and
`language` are the answer to a goodbye's question, null where there is none. Rows are only ever added.
"""

KEY = ["kind", "campaign", "account_id", "as_of"]


def no_answers() -> pl.DataFrame:
    """The record of a company to which nothing was ever delivered."""
    return pl.DataFrame(schema=ANSWERS_SCHEMA)


def read_record(truth: Path, until: date) -> pl.DataFrame:
    """The record as of a day, in the order in which it was written; empty where there is none."""
    file = truth / FILE_NAME
    if not file.is_file():
        return no_answers()
    # A record of before has fewer columns.
    rows = pl.concat([no_answers(), pl.read_parquet(file)], how="diagonal_relaxed").select(list(ANSWERS_SCHEMA))
    return rows.cast(pl.Schema(ANSWERS_SCHEMA)).filter(pl.col("answered_from") <= until)


def write_record(record: pl.DataFrame, truth: Path) -> None:
    """Writes the record beside the rest of the truth."""
    record.write_parquet(truth / FILE_NAME)
