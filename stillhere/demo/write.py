"""Writes tables as real SQLite databases and use as one Parquet file a day."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterable
from pathlib import Path

import polars as pl
import pyarrow.parquet

from stillhere.demo.calendar import COMPANY_ZONE, Calendar

SQL_TYPES = {pl.String: "text", pl.Int64: "integer", pl.Int32: "integer", pl.Float64: "real"}


def write_sqlite(tables: dict[str, pl.DataFrame], file: Path) -> None:
    """One table a frame, its first column the primary key."""
    connection = sqlite3.connect(file)
    with connection:
        connection.execute("pragma journal_mode = off")
        connection.execute("pragma synchronous = off")  # written beside and moved into place when whole
        for name, frame in tables.items():
            columns = ", ".join(
                f'"{column}" {SQL_TYPES[type(kind)]}{" primary key" if place == 0 else ""}'
                for place, (column, kind) in enumerate(_plain(frame).schema.items())
            )
            connection.execute(f'create table "{name}" ({columns}) without rowid')
            marks = ", ".join("?" * frame.width)
            connection.executemany(f'insert into "{name}" values ({marks})', _plain(frame).iter_rows())
    connection.close()


def _plain(frame: pl.DataFrame) -> pl.DataFrame:
    """Numbers and texts only. Where a small company has no value in a column at all, it was a list of texts."""
    return frame.with_columns(
        pl.selectors.integer().cast(pl.Int64),
        pl.selectors.boolean().cast(pl.Int64),
        pl.selectors.by_dtype(pl.Null).cast(pl.String),
    )


def write_usage(blocks: Iterable[pl.DataFrame], folder: Path, calendar: Calendar, step: Callable[[], None]) -> int:
    """One file a day on which rows were received, in the vendor's own ids; gives how many rows.

    Blocks are put by as they come and then read back month by month: a large company does not fit into memory.
    `step` is called after each block and each month.
    """
    folder.mkdir(parents=True)
    spool = folder.with_name(f"{folder.name}.spool")
    spool.mkdir()
    rows = 0
    for nth, block in enumerate(blocks):
        shaped = _shape(block, calendar)
        pyarrow.parquet.write_table(shaped.to_arrow(), spool / f"{nth:04d}.parquet", compression="lz4")
        rows += shaped.height
        step()
    for month in calendar.months_written():
        inside = pl.scan_parquet(spool / "*.parquet").filter(pl.col("day").dt.month_start() == month).collect()
        days = inside.sort("day", "received_at", "workspace", "user", "feature", "occurred_at", maintain_order=True)
        for (day,), received in days.partition_by("day", include_key=False, as_dict=True, maintain_order=True).items():
            pyarrow.parquet.write_table(received.to_arrow(), folder / f"{day}.parquet", compression="zstd")
        step()
    shutil.rmtree(spool)
    return rows


def _shape(block: pl.DataFrame, calendar: Calendar) -> pl.DataFrame:
    """What was received from the first to the end of the last day, as the vendor writes it, with its Berlin `day`."""
    by_program = (pl.col("feature") == "integrations") & (pl.col("count") > 9)
    account = pl.col("account")
    return (
        block.filter(pl.col("received").is_between(calendar.begin_second, calendar.cut_second, closed="left"))
        .select(
            workspace=pl.when(account % 5 == 0).then(pl.lit("us1/acc")).otherwise(pl.lit("eu1/acc"))
            + account.cast(pl.String),
            user=pl.when(~by_program).then(pl.lit("u") + pl.col("person").cast(pl.String)),
            feature=pl.when(by_program).then(pl.lit("api")).otherwise(pl.col("feature").cast(pl.String)),
            occurred_at=pl.from_epoch("occurred", time_unit="s").dt.replace_time_zone("UTC"),
            received_at=pl.from_epoch("received", time_unit="s").dt.replace_time_zone("UTC"),
            count=pl.col("count").cast(pl.Int32),
        )
        .with_columns(day=pl.col("received_at").dt.convert_time_zone(COMPANY_ZONE.key).dt.date())
        .sort("day", maintain_order=True)
    )
