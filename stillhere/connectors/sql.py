"""Reads tables of a database through SQLAlchemy as Arrow, in one read transaction; PostgreSQL goes by COPY."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from stillhere.connectors.source import SourceError
from stillhere.connectors.tables import CONNECT_SECONDS, TableReader, split_table

if TYPE_CHECKING:
    import pyarrow as pa

FETCH_ROWS = 50_000


@contextmanager
def open_database(url: str) -> Iterator[TableReader]:
    """A reader on a database. Raises SQLAlchemy's, psycopg's or SourceError when it cannot be reached."""
    parsed = sa.make_url(url)
    if parsed.get_backend_name() in ("postgresql", "postgres"):
        from stillhere.connectors.postgres import open_postgres

        with open_postgres(parsed) as reader:
            yield reader
        return
    engine = sa.create_engine(_read_only(parsed), poolclass=sa.NullPool)
    with engine.connect() as connection:
        yield SqlAlchemyReader(connection)
    engine.dispose()


def _read_only(url: sa.URL) -> sa.URL:
    """SQLite opened for reading only: otherwise a mistyped path would make an empty database."""
    if url.get_backend_name() != "sqlite":
        return url
    path = Path(url.database or "")
    if not path.is_file():
        raise SourceError(f"{path} is no file; correct the source's url in sources.yml or create it")
    return url.set(database=f"file:{path.as_posix()}").update_query_dict(
        {"mode": "ro", "uri": "true", "timeout": str(CONNECT_SECONDS)}
    )


class SqlAlchemyReader:
    """Reads through any SQLAlchemy dialect, in driver's values: nothing is parsed on the way."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection

    def columns(self, table: str) -> list[str]:
        return [name for name, _ in self._typed_columns(table)]

    def read(self, table: str, cursor: str | None, low: object | None) -> pa.Table:
        import pyarrow as pa

        typed = self._typed_columns(table)
        # Columns without a type keep the driver's value: SQLite's dates stay the text they are.
        query = sa.select(*[sa.column(name) for name, _ in typed]).select_from(self._named(table))
        if cursor is not None and low is not None:
            column: sa.ColumnClause[Any] = sa.column(cursor)
            query = query.where(sa.or_(column >= low, column.is_(None)))
        chunks: list[list[Sequence[Any]]] = []
        result = self.connection.execution_options(stream_results=True).execute(query)
        while rows := result.fetchmany(FETCH_ROWS):
            chunks.append(list(zip(*rows, strict=True)))
        return pa.table({name: _column(kind, [chunk[i] for chunk in chunks]) for i, (name, kind) in enumerate(typed)})

    def newest(self, table: str, column: str) -> Any:
        largest: sa.Function[Any] = sa.func.max(sa.column(column))
        query = sa.select(largest).select_from(self._named(table))
        return self.connection.execute(query).scalar()

    def distinct(self, table: str, column: str) -> list[Any]:
        one: sa.ColumnClause[Any] = sa.column(column)
        return list(self.connection.execute(sa.select(one).distinct().select_from(self._named(table))).scalars())

    def _named(self, table: str) -> sa.TableClause:
        schema, name = split_table(table)
        return sa.table(name, schema=schema)

    def _typed_columns(self, table: str) -> list[tuple[str, Any]]:
        schema, name = split_table(table)
        try:
            found = sa.inspect(self.connection).get_columns(name, schema=schema)
        except sa.exc.NoSuchTableError:
            raise SourceError(f"no table {table!r}; correct 'table' in sources.yml") from None
        return [(column["name"], column["type"]) for column in found]


def _column(kind: Any, chunks: list[Sequence[Any]]) -> pa.ChunkedArray:
    """One Arrow column. Values that do not fit the declared type (SQLite allows that) make the whole column text."""
    import pyarrow as pa

    wanted = _arrow_type(kind)
    try:
        return pa.chunked_array([pa.array(values, type=wanted) for values in chunks], type=wanted)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
        texts = [pa.array([None if v is None else _as_text(v) for v in values], type=pa.string()) for values in chunks]
        return pa.chunked_array(texts, type=pa.string())


def _arrow_type(kind: Any) -> pa.DataType:
    """The Arrow type for a column's declared type; what is not plainly a number or a time is text."""
    import pyarrow as pa

    if isinstance(kind, sa.Boolean):
        return pa.bool_()
    if isinstance(kind, sa.Integer):
        return pa.int64()
    if isinstance(kind, sa.Float | sa.Numeric):
        return pa.float64()
    if isinstance(kind, sa.DateTime):
        return pa.timestamp("us", tz="UTC" if kind.timezone else None)
    if isinstance(kind, sa.Date):
        return pa.date32()
    return pa.string()


def _as_text(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)
