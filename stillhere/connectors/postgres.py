"""Reads PostgreSQL by COPY: its own bulk path, exact for decimals, through libpq like every other client."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from stillhere.connectors.source import SourceError
from stillhere.connectors.tables import CONNECT_SECONDS, split_table

if TYPE_CHECKING:
    import psycopg
    import pyarrow as pa

COLUMNS = """
select attname, format_type(atttypid, atttypmod)
from pg_attribute
where attrelid = to_regclass(%s) and attnum > 0 and not attisdropped
order by attnum
"""


@contextmanager
def open_postgres(url: sa.URL) -> Iterator[PostgresReader]:
    """A reader in one read-only snapshot, so that all tables of a source are of the same moment."""
    import psycopg

    conninfo = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(conninfo, connect_timeout=CONNECT_SECONDS, application_name="stillhere") as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        connection.execute("set local time zone 'UTC'")
        yield PostgresReader(connection)
        connection.rollback()


class PostgresReader:
    """Reads tables and views of one PostgreSQL database."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection

    def columns(self, table: str) -> list[str]:
        return [name for name, _ in self._typed_columns(table)]

    def read(self, table: str, cursor: str | None, low: object | None) -> pa.Table:
        import pyarrow as pa
        from psycopg import sql
        from pyarrow import csv

        typed = self._typed_columns(table)
        query = sql.SQL("select {} from {}").format(
            sql.SQL(", ").join(_expression(name, kind) for name, kind in typed), self._named(table)
        )
        if cursor is not None and low is not None:
            query += sql.SQL(" where {0} >= {1} or {0} is null").format(sql.Identifier(cursor), sql.Literal(low))
        wanted = {name: _arrow_type(kind) for name, kind in typed}
        buffer = BytesIO()
        with self.connection.cursor().copy(sql.SQL("copy ({}) to stdout (format csv)").format(query)) as rows:
            for block in rows:
                buffer.write(block)
        if buffer.tell() == 0:
            return pa.schema(list(wanted.items())).empty_table()
        buffer.seek(0)
        return csv.read_csv(
            buffer,
            read_options=csv.ReadOptions(column_names=list(wanted)),
            parse_options=csv.ParseOptions(newlines_in_values=True),
            # COPY writes NULL as nothing and an empty text as "".
            convert_options=csv.ConvertOptions(
                column_types=wanted,
                null_values=[""],
                true_values=["t"],
                false_values=["f"],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            ),
        )

    def newest(self, table: str, column: str) -> Any:
        from psycopg import sql

        query = sql.SQL("select max({}) from {}").format(sql.Identifier(column), self._named(table))
        row = self.connection.execute(query).fetchone()
        return row[0] if row else None

    def distinct(self, table: str, column: str) -> list[Any]:
        from psycopg import sql

        query = sql.SQL("select distinct {} from {}").format(sql.Identifier(column), self._named(table))
        return [row[0] for row in self.connection.execute(query).fetchall()]

    def _named(self, table: str) -> Any:
        from psycopg import sql

        schema, name = split_table(table)
        return sql.Identifier(schema, name) if schema else sql.Identifier(name)

    def _typed_columns(self, table: str) -> list[tuple[str, str]]:
        name = self._named(table).as_string(self.connection)
        found = self.connection.execute(COLUMNS, (name,)).fetchall()
        if not found:
            raise SourceError(f"no table {table!r} that this user can see; correct 'table' in sources.yml")
        return [(str(column), str(kind)) for column, kind in found]


def _arrow_type(kind: str) -> pa.DataType:
    import pyarrow as pa

    plain = re.sub(r"\(.*?\)", "", kind)
    exact = re.fullmatch(r"numeric\((\d+),(\d+)\)", kind)
    if exact and int(exact[1]) <= 38:  # the widest decimal of Arrow and DuckDB
        return pa.decimal128(int(exact[1]), int(exact[2]))
    types = {
        "smallint": pa.int64(),
        "integer": pa.int64(),
        "bigint": pa.int64(),
        "real": pa.float64(),
        "double precision": pa.float64(),
        "numeric": pa.float64(),
        "boolean": pa.bool_(),
        "date": pa.date32(),
        "timestamp without time zone": pa.timestamp("us"),
        "timestamp with time zone": pa.timestamp("us", tz="UTC"),
    }
    return types.get(plain, pa.string())


def _expression(name: str, kind: str) -> Any:
    """The column as COPY shall write it. `infinity` as a date means "no end" and becomes NULL."""
    from psycopg import sql

    column = sql.Identifier(name)
    if kind == "date" or kind.startswith("timestamp"):
        return sql.SQL("case when isfinite({0}) then {0} end as {0}").format(column)
    return column
