"""What statements need on both engines: the INSERT that can meet a row which is there, lists of values, many rows."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from typing import Any, TypeAlias

from sqlalchemy import ARRAY, ColumnElement, Connection, String, Table, any_, bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite

Insert: TypeAlias = postgresql.Insert | sqlite.Insert


def insert_into(connection: Connection, table: Table) -> Insert:
    """The engine's INSERT, which knows ON CONFLICT."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


def among(connection: Connection, place: ColumnElement[str], values: Collection[str]) -> ColumnElement[bool]:
    """Whether a column of text is one of some values, however many.

    They are one parameter: an IN list is made anew for each number of values, and databases limit how many it names.
    """
    listed = list(set(values))
    if connection.dialect.name == "postgresql":
        return place == any_(bindparam(None, listed, ARRAY(String)))
    given = func.json_each(json.dumps(listed)).table_valued("value")
    return place.in_(select(given.c.value))


def insert_all(connection: Connection, statement: Insert, rows: Sequence[tuple[Any, ...]]) -> None:
    """Inserts rows that have a value for every column of the statement's table, in its order.

    They go to the driver as they are: what SQLAlchemy does to each value of each row takes longer than writing them.
    The statement may have no values of its own.
    """
    dialect, columns = connection.dialect, list(statement.table.c)
    converts = [column.type.dialect_impl(dialect).bind_processor(dialect) for column in columns]
    needed = [(place, convert) for place, convert in enumerate(converts) if convert is not None]
    names = [column.name for column in columns]
    compiled = str(statement.compile(dialect=dialect, column_keys=names))
    ready = [list(row) for row in rows]
    for row in ready:
        for place, convert in needed:
            if row[place] is not None:
                row[place] = convert(row[place])
    given: list[Any] = [tuple(row) if dialect.positional else dict(zip(names, row, strict=True)) for row in ready]
    connection.exec_driver_sql(compiled, given)
