"""Bad rows of raw, written where people can read them: one row a rule that a row breaks.

A row that breaks a rule stays in its table (raw is append-only); staging leaves out what is listed here. The table lies
in raw because it holds rows as they came, personal data included; reports and logs get counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb

from expectations.predicates import identifier, literal
from expectations.requests import Load, RowRule

CREATE = """
create schema if not exists quarantine;
create table if not exists quarantine.rows (
    as_of date, source varchar, resource varchar, rule varchar, reason varchar,
    row_id varchar, load_id varchar, row_json varchar, found_at timestamp
);
"""


@dataclass(frozen=True, slots=True)
class QuarantineCount:
    """How many rows of one load break one rule."""

    source: str
    resource: str
    load_id: str
    rule: str
    reason: str
    rows: int


def create_quarantine(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes the table where it is missing, so that staging can always read it."""
    connection.execute(CREATE)


def quarantine_rows(
    raw_database: Path, rules: Iterable[RowRule], loads: Sequence[Load], as_of: date, found_at: datetime
) -> list[QuarantineCount]:
    """Writes every row of `loads` that breaks a rule to `quarantine.rows`, all or nothing.

    Judging a load again replaces what was found in it before, so a re-run changes nothing. A rule whose columns are
    missing, or whose table is, finds no rows: hand-over 1 has failed the table already.
    """
    counts: list[QuarantineCount] = []
    with duckdb.connect(str(raw_database), config={"autoinstall_known_extensions": "false"}) as connection:
        connection.execute("set timezone = 'UTC'")
        create_quarantine(connection)
        connection.execute("begin")
        for load in loads:
            connection.execute(
                "delete from quarantine.rows where source = ? and resource = ? and load_id = ?",
                [load.source, load.resource, load.load_id],
            )
        for rule in rules:
            counts.extend(_quarantine(connection, rule, loads, as_of, found_at))
        connection.execute("commit")
    return counts


def _quarantine(
    connection: duckdb.DuckDBPyConnection, rule: RowRule, loads: Sequence[Load], as_of: date, found_at: datetime
) -> list[QuarantineCount]:
    ids = [load.load_id for load in loads if (load.source, load.resource) == (rule.source, rule.resource)]
    if not ids or not set(rule.needs_columns) <= table_columns(connection, rule.source, rule.resource):
        return []
    found = connection.execute(
        f"""
        insert into quarantine.rows
        select ?, ?, ?, ?, ?, _bad_row._dlt_id, _bad_row._dlt_load_id, cast(to_json(_bad_row) as varchar), ?
        from {identifier(rule.source)}.{identifier(rule.resource)} as _bad_row
        where _dlt_load_id in ({", ".join(literal(i) for i in ids)})
          and not coalesce(({rule.predicate_sql}), false)
        returning load_id
        """,
        [as_of, rule.source, rule.resource, rule.rule, rule.reason, found_at.astimezone(UTC).replace(tzinfo=None)],
    ).fetchall()
    loads_found = [row[0] for row in found]
    return [
        QuarantineCount(rule.source, rule.resource, load_id, rule.rule, rule.reason, loads_found.count(load_id))
        for load_id in sorted(set(loads_found))
    ]


def table_columns(connection: duckdb.DuckDBPyConnection, schema: str, table: str) -> set[str]:
    """The columns of a table; none when there is no such table."""
    rows = connection.execute(
        "select column_name from information_schema.columns where table_schema = ? and table_name = ?", [schema, table]
    ).fetchall()
    return {row[0] for row in rows}
