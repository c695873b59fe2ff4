"""Compares a relation of two engines row by row: doubles within 1e-9, everything else exactly (DESIGN.md, rule 10)."""

from __future__ import annotations

from pathlib import Path

import duckdb

from tests.dbt.second_engine import NULL, PostgresProject

RELATIVE = 1e-9
# Types that mean the same, on either engine; an integer summed is a numeric there and a hugeint here.
FAMILIES = {
    "text": ("VARCHAR", "text", "character varying"),
    "exact": ("INTEGER", "BIGINT", "HUGEINT", "DECIMAL", "integer", "bigint", "numeric"),
    "double": ("DOUBLE", "double precision"),
    "flag": ("BOOLEAN", "boolean"),
    "day": ("DATE", "date"),
    "time": ("TIMESTAMP", "timestamp without time zone"),
}


def differences(copy: PostgresProject, schema: str, relation: str, scratch: Path) -> list[str]:
    """What differs between the engines in one relation, in words; empty when every row and column is equal."""
    places = copy.project.settings.places
    with duckdb.connect(config={"temp_directory": str(scratch)}) as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute(f"attach '{places.raw_database}' as raw (read_only)")
        connection.execute(f"attach '{places.warehouse}' as warehouse (read_only)")
        connection.execute("use warehouse")
        here = {name: kind for name, kind, *_ in connection.execute(f"describe {schema}.{relation}").fetchall()}
        there = _postgres_columns(copy, schema, relation)
        unlike = _unlike_columns(here, there)
        if unlike:
            return unlike
        file = _written(copy, schema, relation, list(here), scratch)
        connection.execute(f"create temp table duckdb_rows as select * from {schema}.{relation}")
        types = ", ".join(f"'{name}': '{kind}'" for name, kind in here.items())
        connection.execute(
            f"create temp table postgres_rows as select * from read_csv('{file}', header = false, auto_detect = false, "
            f"delim = ',', quote = '\"', escape = '\"', nullstr = '{NULL}', columns = {{{types}}})"
        )
        return _unlike_rows(connection, here)


def _postgres_columns(copy: PostgresProject, schema: str, relation: str) -> dict[str, str]:
    with copy.connect() as postgres:
        found = postgres.execute(
            "select column_name, data_type from information_schema.columns "
            "where table_schema = %s and table_name = %s order by ordinal_position",
            (schema, relation),
        ).fetchall()
    return dict(found)


def _unlike_columns(here: dict[str, str], there: dict[str, str]) -> list[str]:
    if list(here) != list(there):
        return [f"columns {list(here)} against {list(there)}"]
    return [
        f"{name} is {kind} against {there[name]}"
        for name, kind in here.items()
        if not any(kind.partition("(")[0] in family and there[name] in family for family in FAMILIES.values())
    ]


def _written(copy: PostgresProject, schema: str, relation: str, columns: list[str], scratch: Path) -> Path:
    file = scratch / "postgres_rows.csv"
    quoted = ", ".join(f'"{name}"' for name in columns)
    statement = f"copy (select {quoted} from {schema}.{relation}) to stdout (format csv, null '{NULL}')"
    with copy.connect() as postgres, file.open("wb") as out, postgres.cursor().copy(statement) as rows:
        for chunk in rows:
            out.write(chunk)
    return file


def _unlike_rows(connection: duckdb.DuckDBPyConnection, columns: dict[str, str]) -> list[str]:
    """Both sides in one order, exact columns first: rows pair off, and each pair is compared column by column."""
    exact = [f'"{name}"' for name, kind in columns.items() if kind not in FAMILIES["double"]]
    doubles = [f'"{name}"' for name, kind in columns.items() if kind in FAMILIES["double"]]
    ordered = ", ".join(f"{name} nulls last" for name in exact + doubles)
    pairs = " full join ".join(
        f"(select *, row_number() over (order by {ordered}) as place from {engine}_rows) as {engine}"
        for engine in ("duckdb", "postgres")
    )
    equal = {
        name: f"duckdb.{name} is not distinct from postgres.{name}"
        if name in exact
        else f"(duckdb.{name} is null and postgres.{name} is null or abs(duckdb.{name} - postgres.{name}) "
        f"<= {RELATIVE} * greatest(abs(duckdb.{name}), abs(postgres.{name})))"
        for name in exact + doubles
    }
    checks = ", ".join(f"coalesce({check}, false) as {name}" for name, check in equal.items())
    connection.execute(
        f"create temp table pairs as select place, duckdb.place is not null as is_here, "
        f"postgres.place is not null as is_there, {checks} from {pairs} using (place)"
    )
    found = [
        f"{name} differs in {count} rows"
        for name in equal
        if (count := connection.execute(f"select count(*) from pairs where not {name}").fetchall()[0][0])
    ]
    if not found:
        return []
    counts = connection.execute("select count(*) filter (is_here), count(*) filter (is_there) from pairs").fetchall()[0]
    all_equal = " and ".join(equal)
    first = connection.execute(f"select min(place) from pairs where not ({all_equal})").fetchall()[0][0]
    rows = [
        connection.execute(f"select * from {engine}_rows order by {ordered} limit 1 offset {first - 1}").fetchall()
        for engine in ("duckdb", "postgres")
    ]
    return [f"{counts[0]} rows against {counts[1]}", *found, f"first unlike pair: {rows[0]} against {rows[1]}"]
