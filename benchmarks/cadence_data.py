"""Draws a company of any size: heavy-tailed events of two years, monthly invoices, accounts; Parquet, text ids.

A few accounts do most of it (the account of an event is a power of a uniform draw), events come in bursts on the same
day, some are known late, some accounts begin late and some leave. Every figure comes from a hash of a row's number, so
the same sizes give the same rows on any machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb

FIRST_DAY = date(2024, 10, 1)
DAYS = 730
NIGHT = FIRST_DAY + timedelta(days=DAYS - 1)
EVENTS_A_VISIT = 3.6
CHUNK = 20_000_000
KINDS = ("login", "report", "export", "invite", "search", "mobile", "api", "edit")

COMPANY = """
id: bench
name: Bench
kind: contract
timezone: Europe/Berlin
currency: EUR
language: en
languages: [en]
clock: data
last_complete_day: {night}
campaigns:
  max_age_days: 2
  universal_holdout_share: 0.10
  holdout_salt: bench
  recently_talked_days: 14
  too_fresh_days: 14
  occasion_closes_after_days: 14
  max_share_of_base: 0.05
  caps:
    - {{days: 7, contacts: 1}}
"""
CHURN = """
horizon_days: 60
cutoffs: 16
cutoff_step_days: 28
min_history_days: 60
min_leavers: 50
flag_share: 0.10
retrain_days: 7
"""
# Events have no key: a log that is only ever appended to. Invoices have one, as billing's do.
SOURCES = """
sources:
  shop:
    kind: parquet
    path: events.parquet
    vendor: generic
    zone: UTC
    freshness_hours: 48
    resources:
      events:
        cursor: occurred_at
        maps:
          - to: activity
            columns:
              account_id: {from: account}
              contact_id: {from: contact}
              kind: {from: kind}
              occurred_at: {from: occurred_at}
              known_at: {from: known_at}
      accounts:
        key: [account]
        maps:
          - to: accounts
            columns:
              account_id: {from: account}
              account_name: {from: name}
              created_at: {from: created_at}
              country: {from: country}
      invoices:
        key: [invoice]
        cursor: issued_at
        maps:
          - to: invoices
            columns:
              invoice_id: {from: invoice}
              account_id: {from: account}
              issued_at: {from: issued_at}
              due_at: {from: due_at}
              paid_at: {from: paid_at}
              amount_minor: {from: amount, unit: minor}
              currency: {value: EUR}
          - to: subscriptions
            columns:
              subscription_id: {from: account}
              account_id: {from: account}
              valid_from: {from: issued_at}
              valid_to: {from: period_ends_at}
              mrr_minor: {from: amount, unit: minor}
              currency: {value: EUR}
              plan: {from: plan}
              seats: {from: seats}
"""


@dataclass(frozen=True)
class Sizes:
    """How much is drawn."""

    accounts: int
    events: int


def draw(folder: Path, sizes: Sizes) -> None:
    """Writes accounts, invoices and events as Parquet (those of the last day apart), and the configuration."""
    folder.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect(config={"memory_limit": "6GB", "temp_directory": str(folder / "spill")})
    connection.execute("set preserve_insertion_order = false")
    connection.execute("create macro u(n, salt) as (hash(n * 64 + salt) % 1000003) / 1000003.0")
    connection.execute(
        f"""
        create table accounts as
        select i, 'A' || lpad(i::varchar, 8, '0') as account,
            case when u(i, 1) < 0.3 then (u(i, 2) * {DAYS - 60})::integer else 0 end as first_day,
            case when u(i, 3) < 0.2 then {DAYS} - (u(i, 4) * 400)::integer else {DAYS} end as end_day,
            1 + (u(i, 5) * u(i, 6) * 40)::integer as people
        from range({sizes.accounts}) as n (i)
        """
    )
    connection.execute("update accounts set end_day = greatest(end_day, first_day + 31)")
    _write(connection, folder / "accounts.parquet", _ACCOUNTS)
    _write(connection, folder / "invoices.parquet", _INVOICES)
    for nth, begin in enumerate(range(0, sizes.events, CHUNK)):
        end = min(begin + CHUNK, sizes.events)
        connection.execute(f"create or replace temp table drawn as {_events(sizes, begin, end)}")
        last_day = f"known_at >= timestamp '{NIGHT} 00:00:00' - interval 2 hour"
        _write(connection, folder / f"events-{nth}.parquet", f"select * from drawn where not ({last_day})")
        _write(connection, folder / f"late-{nth}.parquet", f"select * from drawn where {last_day}")
    connection.close()
    config = folder / "company"
    config.mkdir(exist_ok=True)
    for name, text in {"company.yml": COMPANY.format(night=NIGHT), "churn.yml": CHURN, "sources.yml": SOURCES}.items():
        (config / name).write_text(text.lstrip())


_ACCOUNTS = f"""
select account, 'Account ' || i as name, timestamp '{FIRST_DAY} 08:00:00' + to_days(first_day)
        - case when first_day = 0 then to_days((u(i, 7) * 900)::integer) else to_days(0) end as created_at,
    ['DE', 'FR', 'US', 'GB', 'NL'][1 + (u(i, 8) * 5)::integer % 5] as country
from accounts
"""
_INVOICES = f"""
select 'I' || lpad(i::varchar, 8, '0') || '-' || lpad(m::varchar, 2, '0') as invoice, account, issued_at,
    issued_at + interval 1 month as period_ends_at, issued_at + interval 14 day as due_at,
    case when u(i * 32 + m, 9) < 0.97 then issued_at + to_days((u(i * 32 + m, 10) * 16)::integer) end as paid_at,
    people * (900 + 100 * (u(i, 11) * 5)::integer)
        + case when u(i * 32 + m // 6, 12) < 0.2 then 500 else 0 end as amount,
    people as seats, ['basic', 'team', 'plus'][1 + people % 3] as plan
from (
    select accounts.*, m, timestamp '{FIRST_DAY} 06:00:00' + to_months(m::integer) as issued_at
    from accounts, range(24) as months (m)
)
where m >= first_day // 30 and m * 30.4 < end_day
"""


def _events(sizes: Sizes, begin: int, end: int) -> str:
    visit = f"i // {EVENTS_A_VISIT}"
    return f"""
    with numbered as (select i, ({visit})::bigint as visit from range({begin}, {end}) as n (i)),
    placed as (
        select i, visit, ({sizes.accounts} * pow(u(visit, 20), 2.2))::bigint % {sizes.accounts} as account_number,
            u(visit, 21) as place, u(visit, 22) as hour_share
        from numbered
    )
    select accounts.account,
        'P' || lpad(accounts.i::varchar, 8, '0') || '-' || (u(visit, 23) * u(visit, 24) * people)::integer as contact,
        [{", ".join(f"'{kind}'" for kind in KINDS)}][
            1 + (u(placed.i, 25) * u(placed.i, 26) * {len(KINDS)})::integer % {len(KINDS)}
        ] as kind,
        timestamp '{FIRST_DAY} 05:00:00'
            + to_days(least({DAYS - 1}, (first_day + place * (end_day - first_day))::integer))
            + to_seconds((hour_share * 50000 + u(placed.i, 27) * 3600)::integer) as occurred_at,
        case when u(placed.i, 28) < 0.01
            then least(timestamp '{NIGHT} 21:00:00', occurred_at + to_days(1 + (u(placed.i, 29) * 4)::integer))
            else occurred_at end as known_at
    from placed
    inner join accounts on accounts.i = placed.account_number
    """


def _write(connection: duckdb.DuckDBPyConnection, file: Path, query: str) -> None:
    connection.execute(f"copy ({query}) to '{file}' (format parquet, compression zstd)")
