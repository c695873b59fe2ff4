"""Which incoming rows raw does not hold yet: appending only those keeps an append-only history small and true."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from stillhere.connectors.file_listing import FILE_COLUMN
from stillhere.connectors.raw import RawSchema, quoted

if TYPE_CHECKING:
    import pyarrow as pa


def new_rows(
    raw: RawSchema,
    table: str,
    incoming: pa.Table,
    key: Sequence[str],
    since: tuple[str, object] | None,
    *,
    snapshot: bool,
) -> pa.Table:
    """The incoming rows that raw does not hold yet, cast to raw's types.

    With a key: all rows of every key that differs from its newest version. Without: rows that come more often than raw
    has them, among the rows of the same file, or with the cursor at or above `since`. A snapshot is given whole when
    any row differs. Raises duckdb.Error when a value does not fit raw's type.
    """
    known = raw.columns(table)
    if not known:
        return incoming
    connection = raw.connection
    connection.register("incoming_table", incoming)
    columns = [*known, *[name for name in incoming.column_names if name not in known]]
    described = dict(row[:2] for row in connection.execute("describe incoming_table").fetchall())
    select = ", ".join(f"{_cast(name, described.get(name), known.get(name))} as {quoted(name)}" for name in columns)
    numbered = f"select {select}, row_number() over () as row_of_batch from incoming_table"
    connection.execute(f"create or replace temp table incoming as {numbered}")
    connection.unregister("incoming_table")
    listed = ", ".join(quoted(name) for name in columns)
    current = ", ".join(quoted(name) if name in known else f"null as {quoted(name)}" for name in columns)
    keyed = bool(key) and set(key) <= set(columns)
    old = _current(raw, table, current, [] if not keyed or snapshot else key, since, snapshot=snapshot)
    # A keyed row is the same row whichever file brings it.
    compared = ", ".join(quoted(name) for name in columns if not (keyed and name == FILE_COLUMN))
    differs = f"select {compared} from incoming except all select {compared} from ({old})"
    if snapshot:
        result = f"select {listed} from incoming where {_snapshot_differs(listed, old)} order by row_of_batch"
    elif keyed:
        same = " and ".join(f"incoming.{quoted(k)} is not distinct from changed.{quoted(k)}" for k in key)
        result = f"select {listed} from incoming semi join ({differs}) changed on {same} order by row_of_batch"
    else:
        result = differs
    return connection.execute(result).to_arrow_table()


def _current(
    raw: RawSchema, table: str, select: str, key: Sequence[str], since: tuple[str, object] | None, *, snapshot: bool
) -> str:
    rows = raw.counting(table)
    if snapshot:
        return f"select {select} from {rows} where _dlt_load_id = (select max(_dlt_load_id) from {rows})"
    if key:
        same = " and ".join(f"held.{quoted(k)} is not distinct from incoming.{quoted(k)}" for k in key)
        by = ", ".join(quoted(k) for k in key)
        return (
            f"select {select} from {rows} held semi join incoming on {same} "
            f"qualify rank() over (partition by {by} order by _dlt_load_id desc) = 1"
        )
    if since is not None:
        column, low = quoted(since[0]), _value(since[1])
        return f"select {select} from {rows} where {column} >= {low} or {column} is null"
    if FILE_COLUMN in raw.columns(table):
        return f"select {select} from {rows} where {FILE_COLUMN} in (select {FILE_COLUMN} from incoming)"
    return f"select {select} from {rows}"


def _snapshot_differs(listed: str, old: str) -> str:
    return (
        f"(exists (select {listed} from incoming except all select {listed} from ({old})) "
        f"or exists (select {listed} from ({old}) except all select {listed} from incoming))"
    )


def _value(value: object) -> str:
    if isinstance(value, int | float):
        return repr(value)
    return "'" + str(value).replace("'", "''") + "'"


def _cast(name: str, given: str | None, held: str | None) -> str:
    """The column as raw holds it. What would lose something (1.5 as a whole number) is an error, not a rounding."""
    column = quoted(name)
    if given is None:
        return f"null::{held}"
    if held is None or given == held:
        return column
    told = f"error('{name} holds {held} in raw and now has a value that is none')"
    if held == "BIGINT" and given.startswith(("DOUBLE", "DECIMAL")):
        return f"if({column} is null or {column} = trunc({column}), {column}::bigint, {told})"
    if held == "DATE" and given.startswith("TIMESTAMP"):
        return f"if({column} is null or {column} = date_trunc('day', {column}), {column}::date, {told})"
    return f"{column}::{held}"
