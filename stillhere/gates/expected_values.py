"""What each claim of a message must say: read again from this night's marts, by another way than the message took."""

from __future__ import annotations

import json
from dataclasses import dataclass

import duckdb
import polars as pl
from babel.numbers import get_currency_symbol

from expectations.outbox_claims import CLAIMS
from expectations.predicates import identifier, literal
from stillhere.gates.offers_to_check import write_offers
from stillhere.gates.said_without_claim import write_literals
from stillhere.settings import Settings
from stillhere.signs import sign_words
from stillhere.warehouse.coupons import read_coupons

CREATE = "create table expected (message_id varchar, name varchar, kind varchar, value varchar, unit varchar)"
# What each message says it took from where. A message whose claims can't be read is held for that.
CLAIMED = f"""
create temp table claimed as
select message_id, account_id, contact_id, language, claim.key as name, claim.value.origin as origin
from (select message_id, account_id, contact_id, language, unnest({CLAIMS}) as claim from outbox)
"""
# Where an origin's relation lies, and by which of the outbox's columns its row is found.
RELATIONS = {
    "accounts": ("marts", "account_id"),
    "account_cadence": ("marts", "account_id"),
    "risk": ("marts", "account_id"),
    "int_contacts": ("intermediate", "contact_id"),
}


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
    write_literals(connection, settings)
    connection.execute("create table recipients (message_id varchar, email varchar)")
    if not settings.places.warehouse.is_file():
        write_offers(connection, settings, None)
        return  # nothing is known then, and every message is held for it
    connection.execute(CLAIMED)
    claims = _claims(connection)
    connection.execute(f"attach {literal(settings.places.warehouse)} as warehouse (read_only)")
    try:
        types = _types(connection)
        has_coupons = "coupons" in settings.sources.relations
        write_offers(connection, settings, read_coupons(connection, "warehouse.intermediate") if has_coupons else None)
        _recipients(connection)
        for claim in claims:
            relation, _, column = claim.origin.partition(".")
            if claim.origin in ("company.yml", "goodbye.yml"):
                _from_settings(connection, settings, claim)
            elif (relation, column) in types:
                _from_mart(connection, settings, claim, relation, column, types[relation, column])
    finally:
        connection.execute("detach warehouse")


def _claims(connection: duckdb.DuckDBPyConnection) -> list[Claim]:
    rows = connection.execute("select distinct name, origin from claimed where origin <> '' order by all").fetchall()
    return [Claim(name, origin) for name, origin in rows]


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


def _from_mart(
    connection: duckdb.DuckDBPyConnection, settings: Settings, claim: Claim, relation: str, column: str, kind: str
) -> None:
    if claim.origin == "risk.signs":
        _from_signs(connection, settings, claim)
        return
    schema, key = RELATIONS[relation]
    value = f"cast({identifier(column)} as varchar)"
    connection.execute(
        f"""
        insert into expected
        select message_id, name, ?, found.value, null
        from claimed
        inner join (select {key}, {value} as value from warehouse.{schema}.{relation}) as found using ({key})
        where name = ? and origin = ?
        """,
        [_kind(column, kind), claim.name, claim.origin],
    )
    if column.endswith("_minor") and (relation, "currency") == ("accounts", "currency"):
        _currencies(connection, claim)


def _currencies(connection: duckdb.DuckDBPyConnection, claim: Claim) -> None:
    """What an amount's currency looks like in each message's language, by the account's own currency."""
    connection.execute(
        "create or replace temp table paid_in as select message_id, language, currency from outbox "
        "inner join warehouse.marts.accounts using (account_id)"
    )
    pairs = connection.execute("select distinct currency, language from paid_in where currency is not null").fetchall()
    for currency, language in pairs:
        connection.execute(
            "update expected set unit = ? where name = ? and message_id in "
            "(select message_id from paid_in where currency = ? and language = ?)",
            [get_currency_symbol(currency, locale=language), claim.name, currency, language],
        )


def _from_signs(connection: duckdb.DuckDBPyConnection, settings: Settings, claim: Claim) -> None:
    """The first sign of each account and its whole sentence, made again from the values that the night has now."""
    rows = connection.execute(
        "select message_id, language, signs from claimed inner join warehouse.marts.risk using (account_id) "
        "where name = ? and origin = ?",
        [claim.name, claim.origin],
    ).fetchall()
    found = []
    for message, language, signs in rows:
        first = next(iter(json.loads(signs or "[]")), None)
        try:
            activity = settings.company.words(language)
            words = first and sign_words(first["code"], first["values"], language=language, activity=activity)
        except KeyError:
            continue
        if first and words:
            found.append((message, claim.name, "words", first["code"], words))
    if found:
        columns = ["message_id", "name", "kind", "value", "unit"]
        frame = pl.DataFrame(found, schema=columns, orient="row").to_arrow()
        connection.register("signs_tonight", frame)
        connection.execute("insert into expected select * from signs_tonight")
        connection.unregister("signs_tonight")


def _recipients(connection: duckdb.DuckDBPyConnection) -> None:
    """Whom the night knows under each message's contact and account; a message to our own people has no contact."""
    connection.execute(
        """
        insert into recipients
        select outbox.message_id, contacts.email
        from outbox
        inner join warehouse.intermediate.int_contacts as contacts using (contact_id, account_id)
        union all
        select outbox.message_id, accounts.owner_email
        from outbox
        inner join warehouse.marts.accounts using (account_id)
        where outbox.contact_id is null
        """
    )


def _from_settings(connection: duckdb.DuckDBPyConnection, settings: Settings, claim: Claim) -> None:
    company, sender = settings.company, settings.company.sender
    values = {
        ("company.yml", "company_name"): ("text", company.name),
        ("company.yml", "sender_name"): ("text", sender.name or company.name),
        ("company.yml", "reply_to"): ("text", sender.reply_to or sender.email),
        ("goodbye.yml", "data_kept_days"): ("number", settings.goodbye.data_kept_days),
    }
    kind, value = values.get((claim.origin, claim.name), ("text", None))
    if value is not None:
        connection.execute(
            "insert into expected select message_id, name, ?, ?, null from claimed where name = ? and origin = ?",
            [kind, str(value), claim.name, claim.origin],
        )


def _kind(column: str, sql_type: str) -> str:
    if column.endswith("_minor"):
        return "money"
    if sql_type == "DATE":
        return "day"
    return "text" if sql_type == "VARCHAR" else "number"
