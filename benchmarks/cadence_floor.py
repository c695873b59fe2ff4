"""The floor: the figures of the marts by bare DuckDB, written as directly as we can, with no dbt and no checks.

It loads what is drawn, counts it by day, and asks for one day after the other, which is faster than all days at once
and fits in memory. Its queries, in `cadence_sql/`, are written for the drawn company alone: one currency, one zone,
no merged accounts, no tickets, calls or contacts, contracts without a break, one version of each row. The marts pay for
all of that, the floor does not. It has no habits, retention, hamster wheel or weeks.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import duckdb

QUERIES = Path(__file__).parent / "cadence_sql"
# The company's clock for a UTC timestamp; the calendar's own conversion costs twenty times as much.
LOCAL = """
create macro if not exists local(moment) as moment + case
    when moment < timestamp '2024-10-27 01:00:00' then interval 2 hour
    when moment < timestamp '2025-03-30 01:00:00' then interval 1 hour
    when moment < timestamp '2025-10-26 01:00:00' then interval 2 hour
    when moment < timestamp '2026-03-29 01:00:00' then interval 1 hour
    else interval 2 hour
end
"""
BEFORE_A_DAY = ("bills", "prices", "stays", "calendar", "firsts")


def load(connection: duckdb.DuckDBPyConnection, data: Path) -> None:
    """Everything but the last day, from Parquet into tables."""
    connection.execute(LOCAL)
    for table in ("accounts", "invoices", "events"):
        files = data / ("events-*.parquet" if table == "events" else f"{table}.parquet")
        connection.execute(f"create table {table} as select * from '{files}'")


def roll_up(connection: duckdb.DuckDBPyConnection) -> None:
    """Events by account, day, person, kind and day of news; then days with the gap before each."""
    for table in ("person_days", "days"):
        _build(connection, table)


def cadence(connection: duckdb.DuckDBPyConnection, as_of: Sequence[date], table: str) -> None:
    """Cadence of every account with a subscription in force, as of each day."""
    for name in BEFORE_A_DAY:
        _build(connection, name)
    query = _query("one_day")
    connection.execute(f"create or replace table {table} as {_on(query, as_of[0])}")
    for day in as_of[1:]:
        connection.execute(f"insert into {table} {_on(query, day)}")


def mrr(connection: duckdb.DuckDBPyConnection) -> None:
    """Movements of recurring revenue by account and month from the invoices' periods."""
    for table in ("bills", "movements"):
        _build(connection, table)


def increment(connection: duckdb.DuckDBPyConnection, data: Path, as_of: date) -> None:
    """The last day's events into the roll-up, and the cadence of all accounts."""
    connection.execute(f"create table arrived as select * from '{data / 'late-*.parquet'}'")
    connection.execute(_query("increment"))
    cadence(connection, [as_of], "cadence")


def _build(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    connection.execute(f"create or replace table {table} as {_query(table)}")


def _query(name: str) -> str:
    return (QUERIES / f"{name}.sql").read_text()


def _on(query: str, day: date) -> str:
    return query.replace(":as_of", f"date '{day}'")
