"""Rows of a source's files as Arrow."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stillhere.connectors.csv_files import headings_of, read_csv_file
from stillhere.connectors.file_listing import FILE_COLUMN, Rejects, SeenFile
from stillhere.connectors.names import raw_columns
from stillhere.connectors.source import spelled
from stillhere.settings.sources import CsvFormat

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

CHUNK_ROWS = 500_000  # what is held in memory at once on a first load
# DuckDB's types that raw keeps as they are; the rest is widened to one of these or written as text.
WIDENED = {
    **dict.fromkeys(["TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"], "BIGINT"),
    **dict.fromkeys(["UBIGINT", "HUGEINT", "UHUGEINT"], "DECIMAL(38,0)"),
    **dict.fromkeys(["FLOAT", "DOUBLE"], "DOUBLE"),
    **dict.fromkeys(["TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"], "TIMESTAMP"),
    **dict.fromkeys(["TIMESTAMP WITH TIME ZONE", "DATE", "BOOLEAN"]),
}


def read_files(kind: str, files: dict[Path, SeenFile], csv_format: CsvFormat, rejects: Rejects) -> Iterator[pa.Table]:
    """The rows of all files with the file's name in `_file`, in pieces; CSV and JSON lines as text.

    Column names are raw's. Raises SourceError, OSError or DuckDB's errors for a file that cannot be read at all.
    """
    if kind == "parquet":
        yield from _read_parquet(files)
    elif kind == "jsonl":
        yield from _read_jsonl(files, rejects)
    else:
        for path, seen in files.items():
            yield from read_csv_file(path, seen.file, csv_format, rejects)


def _engine(files: dict[Path, SeenFile]) -> duckdb.DuckDBPyConnection:
    """DuckDB in memory, knowing the short name of each file."""
    import duckdb
    import pyarrow as pa

    engine = duckdb.connect(config={"autoinstall_known_extensions": "false", "preserve_insertion_order": "true"})
    engine.execute("set timezone = 'UTC'")
    names = pa.table({"path": [str(p) for p in files], "file": [s.file for s in files.values()]})
    engine.register("names", names)
    return engine


def _read_parquet(files: dict[Path, SeenFile]) -> Iterator[pa.Table]:
    every = [str(path) for path in files]
    with _engine(files) as engine:
        described = engine.execute("describe select * from read_parquet(?, union_by_name = true)", [every]).fetchall()
        headings = [row[0] for row in described]
        select = ", ".join(
            f"{_widened(heading, row[1])} as {_quoted(name)}"
            for heading, name, row in zip(headings, raw_columns(headings), described, strict=True)
        )
        yield from _streamed(
            engine,
            f"select {select}, names.file as {FILE_COLUMN} from read_parquet(?, union_by_name = true, "
            "filename = 'path_of_file') rows_of_files join names on names.path = rows_of_files.path_of_file",
            every,
        )


def columns_of_files(kind: str, files: dict[Path, SeenFile], csv_format: CsvFormat) -> list[str]:
    """The headings of all files as the vendor spells them. Raises what reading raises."""
    if kind == "csv":
        return list(dict.fromkeys(name for path in files for name in headings_of(path, csv_format)))
    every = [str(path) for path in files]
    with _engine(files) as engine:
        if kind == "parquet":
            query = "select * from read_parquet(?, union_by_name = true) limit 0"
            return [column[0] for column in engine.execute(query, [every]).description or []]
        objects = "read_ndjson_objects(?, ignore_errors = true)"
        rows = f"{objects} where json_type(json) = 'OBJECT'"
        keys = engine.execute(f"select distinct unnest(json_keys(json)) from {rows} order by 1", [every])
        return [str(row[0]) for row in keys.fetchall()]


def newest_in_parquet(files: dict[Path, SeenFile], column: str) -> Any:
    """The largest value of a column over all files; None for no rows. Raises SourceError without such a column."""
    every = [str(path) for path in files]
    with _engine(files) as engine:
        described = engine.execute("describe select * from read_parquet(?, union_by_name = true)", [every]).fetchall()
        name = spelled([row[0] for row in described], column)
        kind = next(row[1] for row in described if row[0] == name)
        zoned = "::timestamp" if kind.endswith("TIME ZONE") else ""
        largest = f"select max({_quoted(name)}){zoned} from read_parquet(?, union_by_name = true)"
        value = engine.execute(largest, [every]).fetchall()[0][0]
    return value.replace(tzinfo=UTC) if zoned and value is not None else value


def _streamed(engine: duckdb.DuckDBPyConnection, query: str, files: list[str]) -> Iterator[pa.Table]:
    import pyarrow as pa

    for batch in engine.execute(query, [files]).to_arrow_reader(CHUNK_ROWS):
        yield pa.Table.from_batches([batch])


def _widened(heading: str, kind: str) -> str:
    column = _quoted(heading)
    if kind.startswith("DECIMAL"):
        return column
    if kind in WIDENED:
        wide = WIDENED[kind]
        if wide == "DOUBLE":
            return f"if(isnan({column}), null, {column})::double"
        return f"{column}::{wide}" if wide else column
    if kind == "BLOB":
        return f"hex({column})"
    if kind.endswith("]") or kind.startswith(("STRUCT", "MAP", "UNION")):
        return f"to_json({column})::varchar"
    return f"{column}::varchar"


def _read_jsonl(files: dict[Path, SeenFile], rejects: Rejects) -> Iterator[pa.Table]:
    every = [str(path) for path in files]
    lines = "read_ndjson_objects(?, filename = true, ignore_errors = true) join names on path = filename"
    is_row = "coalesce(json_type(json) = 'OBJECT', false)"
    with _engine(files) as engine:
        wrong = f"select count(*), min(file) from {lines} where not {is_row}"
        found = engine.execute(wrong, [every]).fetchall()[0]
        if found[0]:
            rejects.add(found[1], found[0])
        keyed = f"select unnest(json_keys(json)) as key, row_number() over () as n from {lines} where {is_row}"
        keys = engine.execute(f"select key from ({keyed}) group by key order by min(n), key", [every]).fetchall()
        select = ", ".join(
            f"json ->> {_literal('$.' + _json_key(key))} as {_quoted(name)}"
            for (key,), name in zip(keys, raw_columns(key for (key,) in keys), strict=True)
        )
        if select:
            query = f"select {select}, file as {FILE_COLUMN} from {lines} where {is_row}"
            yield from _streamed(engine, query, every)


def _json_key(key: str) -> str:
    return '"' + key.replace('"', '\\"') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
