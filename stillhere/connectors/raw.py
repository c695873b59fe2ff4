"""The raw database as extraction sees it: what is there already, and which incoming rows are new."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stillhere.connectors.file_listing import SeenFile
from stillhere.connectors.times import time_sql

if TYPE_CHECKING:
    import duckdb

FILES_TABLE = "_files"
OWN_COLUMNS = ("_dlt_load_id", "_dlt_id", "_loaded_at")


def quoted(*names: str) -> str:
    """An SQL identifier of one or more parts."""
    return ".".join('"' + name.replace('"', '""') + '"' for name in names)


@dataclass(frozen=True, slots=True)
class Landed:
    """A finished load of one resource that lies in raw."""

    resource: str
    load_id: str
    rows: int


class RawSchema:
    """One source's schema in raw, over an open connection. Loads that never finished or were refused do not count."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, source: str, refused: Collection[str] = ()) -> None:
        self.connection = connection
        self.source = source
        self.refused = sorted(refused)

    def tables(self) -> set[str]:
        """The tables of the source."""
        query = "select table_name from information_schema.tables where table_schema = ?"
        return {row[0] for row in self.connection.execute(query, [self.source]).fetchall()}

    def columns(self, table: str) -> dict[str, str]:
        """The vendor's columns of a table with their DuckDB types, in order; empty when there is no such table."""
        query = (
            "select column_name, data_type from information_schema.columns "
            "where table_schema = ? and table_name = ? order by ordinal_position"
        )
        found = self.connection.execute(query, [self.source, table]).fetchall()
        return {name: kind for name, kind in found if name not in OWN_COLUMNS}

    def remove_unfinished(self) -> int:
        """Deletes rows of loads that were cut short; gives how many. dlt enters a load only when all of it is in."""
        tables = self.tables()
        if not tables:
            return 0
        finished = (
            f"select load_id from {quoted(self.source, '_dlt_loads')} where status = 0"
            if "_dlt_loads" in tables
            else "select null where false"
        )
        removed = 0
        for table in tables - {"_dlt_loads", "_dlt_version"}:
            name = quoted(self.source, table)
            # Looking first is cheap; a DELETE that finds nothing would still scan with locks.
            strays = f"from {name} where _dlt_load_id not in ({finished})"
            found = self.connection.execute(f"select count(*) {strays}").fetchall()[0][0]
            if found:
                self.connection.execute(f"delete {strays}")
                removed += found
        return removed

    def finished_loads(self) -> int:
        """How many loads the source has finished."""
        if "_dlt_loads" not in self.tables():
            return 0
        return int(
            self.connection.execute(f"select count(*) from {quoted(self.source, '_dlt_loads')}").fetchall()[0][0]
        )

    def counting(self, table: str) -> str:
        """A relation of the rows that count."""
        name = quoted(self.source, table)
        if not self.refused:
            return name
        ids = ", ".join("'" + load_id.replace("'", "''") + "'" for load_id in self.refused)
        return f"(select * from {name} where _dlt_load_id not in ({ids}))"

    def loads(self, resource: str) -> list[Landed]:
        """Finished loads that hold rows of a resource, oldest first."""
        if not self.columns(resource):
            return []
        query = f"select _dlt_load_id, count(*) from {quoted(self.source, resource)} group by 1 order by 1"
        return [
            Landed(resource, str(load_id), int(rows)) for load_id, rows in self.connection.execute(query).fetchall()
        ]

    def newest(self, table: str, column: str, not_after: datetime, text_format: str | None = None) -> Any:
        """The largest value of a column; text is parsed by its format where one is given. None for nothing.

        Times after `not_after` are typing errors and don't count. Instants come back in UTC.
        """
        kind = self.columns(table).get(column)
        if kind is None:
            return None
        value = quoted(column)
        limit = not_after.astimezone(UTC).replace(tzinfo=None)
        if kind == "VARCHAR" and text_format:
            value, kind = time_sql(f"trim({value})", text_format), "TIMESTAMP"
        if kind.startswith(("TIMESTAMP", "DATE")):
            where = f"{value} <= timestamp '{limit}'"
        else:
            where = f"{value} <= '{limit:%Y-%m-%dT%H:%M:%S}'" if kind == "VARCHAR" else "true"
        zoned = kind.endswith("TIME ZONE")
        query = f"select max({value}){'::timestamp' if zoned else ''} from {self.counting(table)} where {where}"
        newest = self.connection.execute(query).fetchall()[0][0]
        return newest.replace(tzinfo=UTC) if zoned and newest is not None else newest

    def seen_files(self, resource: str) -> set[SeenFile]:
        """Files of a resource as they were when they were last read."""
        if FILES_TABLE not in self.tables():
            return set()
        query = (
            f"select file, arg_max(size, _dlt_load_id), arg_max(modified_ns, _dlt_load_id) "
            f"from {self.counting(FILES_TABLE)} where resource = ? group by file"
        )
        return {SeenFile(*row) for row in self.connection.execute(query, [resource]).fetchall()}


def open_raw(path: Path) -> Any:
    """The raw database for writing, as a context. Raises WarehouseBusyError when another process holds it."""
    from stillhere.warehouse.connect import open_warehouse

    return open_warehouse(path)
