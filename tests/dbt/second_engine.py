"""The same company on PostgreSQL: its raw, night and operations tables copied, its models built by the same project."""

from __future__ import annotations

import os
import tempfile
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import psycopg
from psycopg import sql

from tests.dbt.projects import Project
from tests.postgres import PASSWORD, USER, PostgresServer

# What raw and the night's inputs hold. Everything else would be a column nobody has thought of, and fails.
TYPES = {
    "VARCHAR": "text",
    "BOOLEAN": "boolean",
    "TINYINT": "smallint",
    "SMALLINT": "smallint",
    "INTEGER": "integer",
    "BIGINT": "bigint",
    "HUGEINT": "numeric(38, 0)",
    "FLOAT": "real",
    "DOUBLE": "double precision",
    "DATE": "date",
    "TIME": "time",
    "TIMESTAMP": "timestamp",
    "TIMESTAMP_S": "timestamp",
    "TIMESTAMP_MS": "timestamp",
    "TIMESTAMP_NS": "timestamp",
    "TIMESTAMP WITH TIME ZONE": "timestamptz",
    "JSON": "text",
}
NULL = "<no value>"  # what no export says; an empty text stays one
CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class PostgresProject:
    """The dbt project pointed at a PostgreSQL database that holds a company's raw."""

    project: Project
    server: PostgresServer
    database: str

    def dbt(self, *command: str, expect: bool = True) -> Any:
        """Runs a dbt command on PostgreSQL."""
        os.environ.update(
            STILLHERE_POSTGRES_HOST=str(self.server.folder),
            STILLHERE_POSTGRES_USER=USER,
            STILLHERE_POSTGRES_PASSWORD=PASSWORD,
            STILLHERE_POSTGRES_DATABASE=self.database,
        )
        return self.project.dbt(*command, "--target", "postgres", expect=expect)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of the database."""
        with self.connect() as connection:
            return connection.execute(query).fetchall()

    def connect(self) -> psycopg.Connection:
        """A connection in UTC."""
        connection = self.server.connect(self.database)
        connection.execute("set timezone = 'UTC'")
        return connection


def new_database(server: PostgresServer) -> str:
    """The name of an empty database: texts sort by their bytes, as DuckDB's do, and every letter has its lower case."""
    name = f"t{uuid.uuid4().hex[:12]}"
    with server.connect() as connection:
        connection.execute(f"create database {name} template template0 lc_collate 'C' lc_ctype 'C.UTF-8'")
    return name


def copied_to_postgres(project: Project, server: PostgresServer, database: str) -> PostgresProject:
    """Copies a company's raw and what its night was told into an empty database, types kept."""
    copy = PostgresProject(project, server, database)
    places = project.settings.places
    with copy.connect() as postgres:
        for file, schemas in ((places.raw_database, None), (places.warehouse, ("night", "operations"))):
            with duckdb.connect(str(file), read_only=True) as connection:
                connection.execute("set timezone = 'UTC'")
                _copy_schemas(connection, postgres, schemas)
        postgres.execute("analyze")
    return copy


def _copy_schemas(
    connection: duckdb.DuckDBPyConnection, postgres: psycopg.Connection, schemas: Iterable[str] | None
) -> None:
    found = connection.execute("select schema_name, table_name from duckdb_tables() order by all").fetchall()
    tables = [(schema, table) for schema, table in found if schemas is None or schema in schemas]
    for schema in sorted({schema for schema, _ in tables}):
        postgres.execute(sql.SQL("create schema if not exists {}").format(sql.Identifier(schema)))
    with tempfile.TemporaryDirectory() as folder:
        for schema, table in tables:
            _copy_table(connection, postgres, schema, table, Path(folder) / "rows.csv")


def _copy_table(
    connection: duckdb.DuckDBPyConnection, postgres: psycopg.Connection, schema: str, table: str, file: Path
) -> None:
    source = f'"{schema}"."{table}"'
    columns = [(name, kind) for name, kind, *_ in connection.execute(f"describe {source}").fetchall()]
    target = sql.Identifier(schema, table)
    typed = sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(postgres_type(kind))) for name, kind in columns
    )
    postgres.execute(sql.SQL("create table {} ({})").format(target, typed))
    connection.execute(f"copy {source} to '{file}' (format csv, header false, nullstr '{NULL}')")
    statement = sql.SQL("copy {} from stdin (format csv, null {})").format(target, sql.Literal(NULL))
    with file.open("rb") as rows, postgres.cursor().copy(statement) as copy:
        while chunk := rows.read(CHUNK_BYTES):
            copy.write(chunk)


def postgres_type(kind: str) -> str:
    """PostgreSQL's name of a DuckDB type."""
    return kind.replace("DECIMAL", "numeric") if kind.startswith("DECIMAL") else TYPES[kind]
