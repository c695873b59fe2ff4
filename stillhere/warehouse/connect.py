"""Opens the warehouse, saying in plain words who else holds it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from stillhere.settings import StillhereError

FILE_FORMAT = "v1.4.0"
"""Of new files, for DuckDB 1.4 and later. Its default, that of its first release, takes twice as long for text."""


class WarehouseBusyError(StillhereError):
    """Another process holds the warehouse file."""


@contextmanager
def open_warehouse(path: Path, *, read_only: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection in UTC, closed at the end, so that the next step may open the file; made where there is none.

    Raises WarehouseBusyError naming the process that holds the file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        connection = duckdb.connect(
            str(path),
            read_only=read_only,
            config={"autoinstall_known_extensions": "false", "storage_compatibility_version": FILE_FORMAT},
        )
    except duckdb.IOException as error:
        if "lock" not in str(error).lower():
            raise
        holder = re.search(r"held in (.*?) \(PID (\d+)\)", str(error))
        who = f"process {holder.group(2)} ({Path(holder.group(1)).name})" if holder else "another process"
        raise WarehouseBusyError(
            f"{path.name} is held by {who}; close it (DuckDB lets in one writer or readers), then run the night again. "
            f"To look at results meanwhile, read the Parquet files under {path.parent.name}/published"
        ) from error
    try:
        connection.execute("set timezone = 'UTC'")
        yield connection
    finally:
        connection.close()
