"""What of the last night's work a night may keep: nothing has changed but that there are more loads.

Some tables of the warehouse know no night: events counted by day, which row is out of date. They are carried from
night to night. Schema `kept` says what they were built from; it is taken away before dbt starts and put back when dbt
is done, so that a build that died is followed by a full one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import duckdb

from stillhere.warehouse.night_inputs import AcceptedLoad, Build

KEPT_TABLES = ("int_person_days_kept", "int_activity_days_kept", "int_dealings_kept", "int_replaced_rows")

STATE = """
create schema if not exists kept;
create table if not exists kept.build (digest varchar, panel_as_of date);
create table if not exists kept.loads (
    source varchar, resource varchar, load_id varchar, row_count bigint, bad_rows bigint, bad_digest varchar
);
create or replace table kept.planned_loads as select * from kept.loads limit 0;
"""


def plan_build(
    connection: duckdb.DuckDBPyConnection, raw: Path, loads: Iterable[AcceptedLoad], digest: str, *, full: bool = False
) -> Build:
    """Compares tonight's loads with those of the last build.

    `digest` stands for everything else that the kept tables depend on: code and configuration. From here until
    `remember_build`, the warehouse counts as unfinished.
    """
    connection.execute(STATE)
    with _attached(connection, raw):
        columns = "select table_schema, table_name, column_name, data_type from information_schema.columns"
        found = connection.execute(f"{columns} where table_catalog = 'raw' order by all").fetchall()
        whole_digest = hashlib.sha256(f"{digest} {found}".encode()).hexdigest()
        _describe_loads(connection, loads)
    state = connection.execute("select digest, panel_as_of from kept.build").fetchone()
    why = "asked for" if full else _why_full(connection, state[0] if state else None, whole_digest)
    added = connection.execute(
        "select source, resource, load_id from kept.planned_loads "
        "except select source, resource, load_id from kept.loads order by all"
    ).fetchall()
    connection.execute("delete from kept.build")
    return Build(
        is_full=bool(why),
        why=why,
        digest=whole_digest,
        panel_as_of=state[1] if state and not why else None,
        new_loads=() if why else tuple(AcceptedLoad(*load) for load in added),
    )


def remember_build(connection: duckdb.DuckDBPyConnection, build: Build, panel_as_of: date | None) -> None:
    """Records that dbt has built all of it; `panel_as_of` is the night whose cut-offs the panel has."""
    connection.execute("create or replace table kept.loads as select * from kept.planned_loads")
    connection.execute("insert into kept.build values (?, ?)", [build.digest, panel_as_of])


def forget_build(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes the next night build everything anew: for whoever changes raw history itself, as an erasure does."""
    connection.execute("drop table if exists kept.build")


def _describe_loads(connection: duckdb.DuckDBPyConnection, loads: Iterable[AcceptedLoad]) -> None:
    """Fills `kept.planned_loads`: tonight's loads with their rows, and which of them are in quarantine."""
    tables = set(
        connection.execute("select schema_name, table_name from duckdb_tables() where database_name = 'raw'").fetchall()
    )
    wanted: dict[tuple[str, str], list[str]] = {}
    for load in loads:
        wanted.setdefault((load.source, load.resource), []).append(load.load_id)
    bad = (
        "select row_id, load_id from raw.quarantine.rows where source = $source and resource = $resource"
        if ("quarantine", "rows") in tables
        else "select '' as row_id, '' as load_id where $source = '' and $resource = ''"
    )
    for (source, resource), load_ids in sorted(wanted.items()):
        rows = (
            f"select _dlt_load_id as load_id, count(*) as row_count "
            f"from raw.{_name(source)}.{_name(resource)} group by 1"
            if (source, resource) in tables
            else "select '' as load_id, 0 as row_count"
        )
        connection.execute(
            f"""
            insert into kept.planned_loads
            with wanted as (select unnest($load_ids) as load_id), counted as ({rows}),
            bad as (
                select load_id, count(*) as bad_rows, cast(bit_xor(hash(row_id)) as varchar) as bad_digest
                from (select distinct row_id, load_id from ({bad})) group by load_id
            )
            select $source, $resource, wanted.load_id, coalesce(row_count, 0), coalesce(bad_rows, 0), bad_digest
            from wanted left join counted using (load_id) left join bad using (load_id)
            """,
            {"source": source, "resource": resource, "load_ids": load_ids},
        )


def _why_full(connection: duckdb.DuckDBPyConnection, digest_before: str | None, digest: str) -> str:
    """Why nothing can be kept; empty when it can."""
    if digest_before is None:
        return "nothing is kept from a night before"
    if digest_before != digest:
        return "code, configuration or the columns of raw have changed"
    names = {name for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall()}
    if not {*KEPT_TABLES, "int_account_keys"} <= names:
        return "a kept table is missing"
    changed = connection.execute(
        "select count(*) from (select * from kept.loads except select * from kept.planned_loads)"
    ).fetchone()
    return "loads of the last night are gone or have other rows" if changed and changed[0] else ""


@contextmanager
def _attached(connection: duckdb.DuckDBPyConnection, raw: Path) -> Iterator[None]:
    path = str(raw).replace("'", "''")
    connection.execute(f"attach '{path}' as raw (read_only)" if raw.is_file() else "attach ':memory:' as raw")
    try:
        yield
    finally:
        connection.execute("detach raw")


def _name(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'
