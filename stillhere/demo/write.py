"""Writes tables as real SQLite databases and use as one Parquet file a day."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import UTC, date, datetime
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
    return frame.with_columns(pl.selectors.integer().cast(pl.Int64), pl.selectors.boolean().cast(pl.Int64))


def write_usage(
    usage: pl.DataFrame, folder: Path, calendar: Calendar, progress: Callable[[int, int], None] | None = None
) -> int:
    """One file a day on which rows were received, in the vendor's own ids; gives how many rows."""
    folder.mkdir(parents=True)
    cut = int(calendar.cut_at.timestamp())
    begin = int(datetime.combine(calendar.first, datetime.min.time(), COMPANY_ZONE).astimezone(UTC).timestamp())
    inside = usage.filter((pl.col("received") < cut) & (pl.col("received") >= begin))
    shaped = inside.select(
        workspace=pl.when(pl.col("account") % 5 == 0).then(pl.lit("us1/acc")).otherwise(pl.lit("eu1/acc"))
        + pl.col("account").cast(pl.String),
        user=pl.when((pl.col("feature") == "integrations") & (pl.col("count") > 9))
        .then(None)
        .otherwise(pl.lit("u") + pl.col("person").cast(pl.String)),
        feature=pl.when((pl.col("feature") == "integrations") & (pl.col("count") > 9))
        .then(pl.lit("api"))
        .otherwise("feature"),
        occurred_at=pl.from_epoch("occurred", time_unit="s").dt.replace_time_zone("UTC"),
        received_at=pl.from_epoch("received", time_unit="s").dt.replace_time_zone("UTC"),
        count=pl.col("count").cast(pl.Int32),
    ).with_columns(day=pl.col("received_at").dt.convert_time_zone(COMPANY_ZONE.key).dt.date())
    days = shaped.sort("day", "received_at", "workspace", "user", "feature").partition_by(
        "day", include_key=False, as_dict=True, maintain_order=True
    )
    for done, ((day,), rows) in enumerate(days.items(), start=1):
        assert isinstance(day, date)  # noqa: S101 - what partition_by gives for a column of days
        pyarrow.parquet.write_table(rows.to_arrow(), folder / f"{day.isoformat()}.parquet", compression="zstd")
        if progress is not None:
            progress(done, len(days))
    return shaped.height
