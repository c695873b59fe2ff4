"""What statements need on both engines: the INSERT that can meet a row which is there, lists of values, many rows."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from functools import cache
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


def insert_all(connection: Connection, statement: Insert, rows: Iterable[tuple[Any, ...]]) -> None:
    """Inserts rows, at least one, each with a value for every column of the table in its order; moments have no zone.

    They go to the driver as they are: what SQLAlchemy does to each value of each row takes longer than writing them.
    The statement may have no values of its own.
    """
    dialect, table = connection.dialect, statement.table
    names = [column.name for column in table.c]
    values: list[Iterable[Any]] = list(zip(*rows, strict=True))
    for place, column in enumerate(table.c):
        convert = column.type.dialect_impl(dialect).bind_processor(dialect)
        if convert is not None:
            told = cache(convert)  # a night's rows share a handful of moments
            values[place] = [None if value is None else told(value) for value in values[place]]
    ready = zip(*values, strict=True)
    compiled = str(statement.compile(dialect=dialect, column_keys=names))
    given: list[Any] = list(ready) if dialect.positional else [dict(zip(names, row, strict=True)) for row in ready]
    connection.exec_driver_sql(compiled, given)
