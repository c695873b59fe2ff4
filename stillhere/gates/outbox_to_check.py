"""The file that hand-over 3 reads: a night's messages, and beside them what they must and may say."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import duckdb
import polars as pl

from expectations.outbox_reading import MEMORY_LIMIT
from expectations.predicates import literal
from stillhere.gates.expected_values import write_expected
from stillhere.settings import Settings


def write_outbox_to_check(
    file: Path, settings: Settings, outbox: pl.DataFrame | Path, suppressed: Collection[str]
) -> None:
    """Writes the DuckDB file of an `OutboxRequest`. It holds addresses, so whoever asks for it removes it again.

    A Parquet file of messages is not copied but read where it lies; it must stay until the check is over.
    """
    with duckdb.connect(str(file), config={"autoinstall_known_extensions": "false"}) as connection:
        connection.execute(f"set memory_limit = {literal(MEMORY_LIMIT)}")
        if isinstance(outbox, Path):
            connection.execute(f"create view outbox as select * from read_parquet({literal(outbox)})")
        else:
            connection.register("written", outbox.to_arrow())
            connection.execute("create table outbox as select * from written")
        stopped = pl.DataFrame({"email": list(suppressed)}, schema={"email": pl.String})
        connection.register("stopped", stopped.to_arrow())
        connection.execute("create table suppressions as select * from stopped")
        write_expected(connection, settings)
