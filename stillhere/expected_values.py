"""What each claim of a message must say: read again from this night's marts, by another way than the message took."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from expectations.predicates import identifier, literal
from stillhere.settings import Settings

CREATE = "create table expected (message_id varchar, name varchar, kind varchar, value varchar)"
# Where an origin's relation lies, and by which of the outbox's columns its row is found.
RELATIONS = {
    "accounts": ("marts", "account_id"),
    "account_cadence": ("marts", "account_id"),
    "risk": ("marts", "account_id"),
    "int_contacts": ("intermediate", "contact_id"),
}
# Claims that are not a column as it stands.
FIRST_SIGN = "json_extract_string(signs, '$[0].code')"


@dataclass(frozen=True, slots=True)
class Claim:
    """A value's name in the words, and the column it is taken from (`mart.column`, or a settings file)."""

    name: str
    origin: str


def write_expected(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Makes the table `expected` beside `outbox`: one row for every claim whose origin is known.

    Attaches the warehouse read-only meanwhile. A claim without an expected value fails hand-over 3.
    """
    connection.execute(CREATE)
    claims = _claims(connection)
    if not claims:
        return
    connection.execute(f"attach {literal(settings.places.warehouse)} as warehouse (read_only)")
    try:
        types = _types(connection)
        for claim in claims:
            relation, _, column = claim.origin.partition(".")
            if claim.origin == "company.yml":
                _from_settings(connection, settings, claim)
            elif (relation, column) in types:
                _from_mart(connection, claim, relation, column, types[relation, column])
    finally:
        connection.execute("detach warehouse")


def _claims(connection: duckdb.DuckDBPyConnection) -> list[Claim]:
    rows = connection.execute(
        "select distinct claims.key, json_extract_string(claims.value, '$.origin') from outbox "
        "cross join lateral json_each(case when json_valid(claims_json) then claims_json else '{}' end) as claims "
        "order by all"
    ).fetchall()
    return [Claim(name, origin) for name, origin in rows if origin]


def _types(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], str]:
    rows = connection.execute(
        "select table_schema, table_name, column_name, data_type from information_schema.columns "
        "where table_catalog = 'warehouse'"
    ).fetchall()
    return {
        (table, column): kind
        for schema, table, column, kind in rows
        if table in RELATIONS and RELATIONS[table][0] == schema
    }


def _from_mart(connection: duckdb.DuckDBPyConnection, claim: Claim, relation: str, column: str, kind: str) -> None:
    schema, key = RELATIONS[relation]
    value = FIRST_SIGN if claim.origin == "risk.signs" else f"cast({identifier(column)} as varchar)"
    connection.execute(
        f"""
        insert into expected
        select outbox.message_id, ?, ?, found.value
        from outbox
        inner join (select {key}, {value} as value from warehouse.{schema}.{relation}) as found using ({key})
        where {_says(claim)}
        """,
        [claim.name, _kind(claim.origin, column, kind)],
    )


def _from_settings(connection: duckdb.DuckDBPyConnection, settings: Settings, claim: Claim) -> None:
    company, sender = settings.company, settings.company.sender
    values = {
        "company_name": company.name,
        "sender_name": sender.name or company.name,
        "reply_to": sender.reply_to or sender.email,
    }
    if values.get(claim.name):
        connection.execute(
            f"insert into expected select message_id, ?, 'text', ? from outbox where {_says(claim)}",
            [claim.name, values[claim.name]],
        )


def _says(claim: Claim) -> str:
    path = literal(f'$."{claim.name}".origin')
    origin = f"case when json_valid(claims_json) then json_extract_string(claims_json, {path}) end"
    return f"{origin} = {literal(claim.origin)}"


def _kind(origin: str, column: str, sql_type: str) -> str:
    if origin == "risk.signs":
        return "words"
    if column.endswith("_minor"):
        return "money"
    if sql_type == "DATE":
        return "day"
    return "text" if sql_type == "VARCHAR" else "number"
