"""Reads what is new of one resource: from which point, from which files, and compared with what raw holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from stillhere.connectors.cursors import start_from
from stillhere.connectors.difference import new_rows
from stillhere.connectors.file_listing import FILE_COLUMN, Rejects, SeenFile, list_files
from stillhere.connectors.files import read_files
from stillhere.connectors.names import raw_column, raw_columns
from stillhere.connectors.raw import RawSchema
from stillhere.connectors.source import ConnectedSource, SourceError, spelled
from stillhere.settings import Resource

if TYPE_CHECKING:
    import pyarrow as pa

    from stillhere.connectors.tables import TableReader

# A cursor further ahead than this is a typing error in the source and must not stop what comes after it.
AHEAD = timedelta(days=1)


@dataclass(slots=True)
class Reading:
    """New rows of a resource, not loaded yet. Counts of lazy tables are complete once `tables()` has been read."""

    known_columns: tuple[str, ...] = ()
    tables: Callable[[], Iterable[pa.Table]] | None = None
    """New rows, to be read again from the start at each call; None when there are none."""
    cursor_low: object = None
    files: list[SeenFile] = field(default_factory=list)
    rejects: Rejects = field(default_factory=Rejects)
    rows_seen: int = 0
    columns: set[str] = field(default_factory=set)

    @property
    def new_columns(self) -> tuple[str, ...]:
        """Columns of the source that raw did not have."""
        if not self.known_columns:
            return ()
        return tuple(sorted(self.columns - {*self.known_columns, FILE_COLUMN}))

    @property
    def missing_columns(self) -> tuple[str, ...]:
        """Columns that raw has and the source no longer gives."""
        given = {*self.columns, FILE_COLUMN}
        return tuple(name for name in self.known_columns if self.columns and name not in given)

    def count(self, table: pa.Table) -> None:
        """Notes a table as read from the source."""
        self.rows_seen += table.num_rows
        self.columns |= set(table.column_names)


@dataclass(slots=True)
class Batch:
    """What was read of a source, by resource."""

    readings: dict[str, Reading] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    load_id: str | None = None


def read_table(
    reader: TableReader, raw: RawSchema, name: str, resource: Resource, loaded_at: datetime, *, full: bool
) -> Reading:
    """What is new in a database's table. Raises SourceError, duckdb.Error or the driver's errors."""
    table = resource.table or name
    cursor = None
    if resource.cursor:
        # Gone: then everything is read, and the gates see that a column is missing.
        with suppress(SourceError):
            cursor = spelled(reader.columns(table), resource.cursor)
    newest = raw.newest(name, raw_column(cursor), loaded_at + AHEAD) if cursor and not full else None
    low = start_from(newest, resource.overlap_days)
    given = reader.read(table, cursor, low)
    given = given.rename_columns(raw_columns(given.column_names))
    reading = Reading(known_columns=tuple(raw.columns(name)), cursor_low=low)
    reading.count(given)
    since = (raw_column(cursor), low) if cursor and low is not None else None
    key = [raw_column(column) for column in resource.key]
    # Without a cursor the table comes whole, once it has changed. Without a key, too, whole copies could not be told
    # apart from more rows, so then only what raw does not hold yet is taken.
    fresh = new_rows(raw, name, given, key, since, snapshot=resource.cursor is None and bool(key))
    # An empty table is loaded once all the same, so that raw knows its columns.
    if fresh.num_rows or not reading.known_columns:
        reading.tables = lambda: [fresh]
    return reading


def read_resource_files(
    source: ConnectedSource, raw: RawSchema, name: str, resource: Resource, *, full: bool
) -> Reading:
    """The rows of files that are new or have changed. Raises SourceError, OSError or duckdb.Error.

    On a first load the tables come lazily, so that a long history needs little memory.
    """
    reading = Reading(known_columns=tuple(raw.columns(name)))
    seen = set() if full else raw.seen_files(name)
    files = {path: file for path, file in list_files(source.pattern(resource)).items() if file not in seen}
    if not files:
        return reading
    reading.files = list(files.values())

    def tables() -> Iterator[pa.Table]:
        reading.rows_seen, reading.rejects = 0, Rejects()
        for table in read_files(source.source.kind, files, source.source.csv, reading.rejects):
            reading.count(table)
            yield table

    if not reading.known_columns:
        reading.tables = tables
        return reading
    import pyarrow as pa

    given = list(tables())
    if given:
        key = [raw_column(column) for column in resource.key]
        incoming = pa.concat_tables(given, promote_options="permissive")
        fresh = new_rows(raw, name, incoming, key, None, snapshot=False)
        if fresh.num_rows:
            reading.tables = lambda: [fresh]
    return reading
