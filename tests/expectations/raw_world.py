"""A small raw database: companies of a CRM, and eight weeks of usage events of 100 a day (Sundays 10)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb

from expectations.predicates import RawColumn, company_day, instant, is_email, is_missing_or, is_present, is_time
from expectations.requests import Arrival, Load, RawRequest, ResourceRules, RowRule

AS_OF = date(2026, 8, 26)  # a Wednesday
NOW = datetime(2026, 8, 27, 4, tzinfo=UTC)
FIRST, TONIGHT = "1000.1", "2000.2"
AT = RawColumn("at", "VARCHAR")
ACCOUNT = RawColumn("account", "VARCHAR")
EMAIL = RawColumn("email", "VARCHAR")

RULES = (
    RowRule("account_present", "usage", "events", is_present(ACCOUNT), "the account is missing", ("account",)),
    RowRule("time_plausible", "usage", "events", is_time(AT, AS_OF), "the time is wrong", ("at",)),
    RowRule("email_shaped", "crm", "companies", is_missing_or(EMAIL, is_email(EMAIL)), "it is no address", ("email",)),
)
EVENTS = ResourceRules(
    "usage",
    "events",
    key=("id",),
    freshness_hours=48,
    instant_sql=instant(AT),
    day_sql=company_day(AT, "UTC"),
    daily=True,
)
COMPANIES = ResourceRules("crm", "companies", key=("id",))


@dataclass
class RawWorld:
    """The database and what the night would ask about it."""

    database: Path
    request: RawRequest

    def sql(self, statement: str) -> list[tuple[object, ...]]:
        """Changes or reads raw."""
        with duckdb.connect(str(self.database)) as connection:
            return connection.execute(statement).fetchall()

    def ask(self, **changes: object) -> RawRequest:
        """The request with some fields changed."""
        return replace(self.request, **changes)  # type: ignore[arg-type]


def raw_world(folder: Path, *, has_earlier: bool = True) -> RawWorld:
    """Everything up to the day before lies in the first load; tonight's load brings the last day and 40 companies."""
    world = RawWorld(
        folder / "raw.duckdb",
        RawRequest(
            database=folder / "raw.duckdb",
            as_of=AS_OF,
            now=NOW,
            row_rules=RULES,
            resources=(EVENTS, COMPANIES),
            loads=tuple(
                Load(source, resource, load_id, accepted=has_earlier and load_id == FIRST)
                for source, resource in (("usage", "events"), ("crm", "companies"))
                for load_id in (FIRST, TONIGHT)
            ),
            arrivals=(Arrival("usage", "events", rows_seen=100), Arrival("crm", "companies", rows_seen=40)),
        ),
    )
    world.sql("create schema usage; create schema crm")
    world.sql(
        """create table usage.events (id bigint, account varchar, "at" varchar, kind varchar,
           _dlt_load_id varchar, _dlt_id varchar, _loaded_at timestamp)"""
    )
    world.sql(
        "create table crm.companies (id bigint, name varchar, email varchar, _dlt_load_id varchar, _dlt_id varchar)"
    )
    days = [AS_OF - timedelta(days=back) for back in range(56)]
    statements = [
        insert_events(day, 10 if day.isoweekday() == 7 else 100, TONIGHT if day == AS_OF else FIRST) for day in days
    ]
    world.sql(";".join(statements))
    add_companies(world, 400, FIRST)
    add_companies(world, 40, TONIGHT)
    return world


def add_events(world: RawWorld, day: date, count: int, load_id: str) -> None:
    """Good events, spread over a day."""
    world.sql(insert_events(day, count, load_id))


def insert_events(day: date, count: int, load_id: str) -> str:
    """The statement behind `add_events`."""
    return f"""insert into usage.events
        select n, 'a' || n % 17, strftime(timestamp '{day}' + to_minutes(n::int % 1440), '%Y-%m-%dT%H:%M:%SZ'), 'login',
               '{load_id}', 'event-{day}-' || n, timestamp '{day}'
        from range({count}) as numbers(n)"""


def add_companies(world: RawWorld, count: int, load_id: str) -> None:
    """Companies with good addresses."""
    world.sql(
        f"""insert into crm.companies
        select n, 'Company ' || n, 'mail' || n || '@example.org', '{load_id}', 'company-{load_id}-' || n
        from range({count}) as numbers(n)"""
    )
