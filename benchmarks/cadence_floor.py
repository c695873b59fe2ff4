"""The floor: the same numbers by bare DuckDB, written as directly as we can, with no dbt, no checks, no account model.

It reads text ids and computes the company's day as the project does. What it leaves out (merges, several currencies,
incidents, hours, working days) it does not have to pay for: the floor is lower than a full equal would be.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb

from benchmarks.cadence_data import FIRST_DAY

ZONE = "Europe/Berlin"


def load(connection: duckdb.DuckDBPyConnection, data: Path) -> None:
    """Everything but the last day, from Parquet into tables."""
    for table in ("accounts", "invoices", "events"):
        files = data / ("events-*.parquet" if table == "events" else f"{table}.parquet")
        connection.execute(f"create table {table} as select * from '{files}'")


def roll_up(connection: duckdb.DuckDBPyConnection) -> None:
    """Events by account, day, person, kind and day of news; then days with the gap before each."""
    connection.execute(f"create table person_days as {_counted('events')}")
    connection.execute(f"create table days as {_spaced('person_days')}")


def cadence(connection: duckdb.DuckDBPyConnection, as_of: list[date], table: str) -> None:
    """Cadence of every account with a subscription in force, as of each day."""
    connection.execute("create or replace temp table cutoffs (as_of date)")
    connection.executemany("insert into cutoffs values (?)", [[day] for day in as_of])
    connection.execute(f"create or replace table {table} as {CADENCE}")


def mrr(connection: duckdb.DuckDBPyConnection) -> None:
    """Movements of recurring revenue by account and month from the invoices' periods."""
    connection.execute(f"create or replace table movements as {MOVEMENTS}")


def increment(connection: duckdb.DuckDBPyConnection, data: Path, as_of: date) -> None:
    """The last day's events into the roll-up, and the cadence of all accounts."""
    connection.execute(f"create table arrived as select * from '{data / 'late-*.parquet'}'")
    connection.execute(f"create table new_days as {_counted('arrived')}")
    connection.execute(
        "create table changed as select account, min(day) as first_changed from new_days group by account"
    )
    connection.execute("insert into person_days select * from new_days")
    connection.execute(
        "delete from days using changed where days.account = changed.account and days.day >= changed.first_changed"
    )
    connection.execute(
        """
        insert into days
        with last_before as (
            select days.account, max(days.day) as day from days join changed using (account) group by all
        ),
        daily as (
            select person_days.account, person_days.day, person_days.known_day, sum(events) as events,
                known_day = min(known_day) over (partition by person_days.account, person_days.day) as is_first_news
            from person_days join changed on changed.account = person_days.account and day >= first_changed
            group by person_days.account, person_days.day, person_days.known_day
        ),
        spaced as (
            select account, day, day - lag(day) over (partition by account order by day) as gap
            from (select account, day from daily where is_first_news union all select account, day from last_before)
        )
        select daily.account, daily.day, known_day, events, is_first_news, case when is_first_news then gap end
        from daily join spaced using (account, day)
        """
    )
    cadence(connection, [as_of], "cadence")


def _counted(events: str) -> str:
    company_day = f"cast(({{}} at time zone 'UTC') at time zone '{ZONE}' as date)"
    return f"""
    select account, {company_day.format("occurred_at")} as day, contact, kind,
        {company_day.format("known_at")} as known_day, count(*) as events
    from {events} group by all
    """


def _spaced(person_days: str) -> str:
    return f"""
    with daily as (
        select account, day, known_day, sum(events) as events,
            known_day = min(known_day) over (partition by account, day) as is_first_news
        from {person_days} group by account, day, known_day
    ),
    spaced as (
        select account, day, day - lag(day) over (partition by account order by day) as gap
        from daily where is_first_news
    )
    select daily.account, daily.day, known_day, events, is_first_news, case when is_first_news then gap end as gap
    from daily join spaced using (account, day)
    """


CADENCE = """
with population as (
    select cutoffs.as_of, account, amount, seats
    from invoices join cutoffs on issued_at::date <= as_of and period_ends_at::date > as_of
),
rhythm as (
    select as_of, account, max(day) as last_active_date, count(*) filter (where is_first_news) as active_days_total,
        count(*) filter (where is_first_news and as_of - day < 28) as active_days_28,
        count(*) filter (where is_first_news and as_of - day between 28 and 55) as active_days_prev_28,
        count(*) filter (where is_first_news and as_of - day < 91) as active_days_91,
        count(*) filter (where is_first_news and as_of - day between 91 and 181) as active_days_prev_91,
        count(*) filter (where is_first_news and as_of - day < 365) as active_days_365,
        count(*) filter (where is_first_news and as_of - day between 364 and 391) as same_weeks,
        sum(events) filter (where as_of - day < 28) as events_28,
        sum(events) filter (where as_of - day < 91) as events_91,
        sum(events * power(0.5, (as_of - day) / 7.0)) as decayed_7,
        sum(events * power(0.5, (as_of - day) / 28.0)) as decayed_28,
        sum(events * power(0.5, (as_of - day) / 91.0)) as decayed_91,
        quantile_cont(case when as_of - day < 365 then gap end, [0.25, 0.5, 0.75, 0.9]) as gaps
    from population join days using (account)
    where day <= as_of and day > as_of - 728 and known_day <= as_of
    group by as_of, account
),
recent as (
    select as_of, account, contact, kind, day, as_of - day as age
    from population join person_days using (account)
    where day <= as_of and day > as_of - 119 and known_day <= as_of
),
breadth as (
    select as_of, account, count(distinct kind) filter (where age < 28) as kinds_28,
        count(distinct contact) filter (where age < 28) as people_active_28
    from recent where age < 56 group by as_of, account
),
people as (
    select as_of, account, contact, min(age) as days_silent,
        count(distinct day) filter (where age >= 28) as days_before
    from recent group by as_of, account, contact
),
champions as (
    select as_of, account, arg_max(contact, days_before) as champion, max(days_before) as days_before
    from people where days_before > 0 group by as_of, account
),
money as (
    select population.as_of, account,
        sum(invoices.amount) filter (where issued_at::date > as_of - 91) as spend_91_minor,
        sum(invoices.amount) as spend_365_minor,
        count(*) filter (where issued_at::date > as_of - 182 and due_at::date < as_of
            and (paid_at is null or paid_at > due_at)) as late_payments_182
    from population join invoices using (account)
    where issued_at::date <= as_of and issued_at::date > as_of - 365
    group by population.as_of, account
)
select population.as_of, account, population.amount as mrr_minor, seats, rhythm.* exclude (as_of, account),
    coalesce(kinds_28, 0) as kinds_28, coalesce(people_active_28, 0) as people_active_28, champion, days_before,
    spend_91_minor, spend_365_minor, late_payments_182
from population
left join rhythm using (as_of, account) left join breadth using (as_of, account)
left join champions using (as_of, account) left join money using (as_of, account)
"""
MOVEMENTS = f"""
with closings as (
    select account, date_trunc('month', issued_at)::date as month, sum(amount) as closing
    from invoices group by all
),
spine as (
    select account, unnest(generate_series(
        min(month)::timestamp, timestamp '{FIRST_DAY}' + interval 23 month, interval 1 month
    ))::date as month
    from closings group by account
),
moved as (
    select account, month, coalesce(closing, 0) as closing,
        lag(coalesce(closing, 0), 1, 0) over (partition by account order by month) as opening,
        row_number() over (partition by account order by month) as nth
    from spine left join closings using (account, month)
)
select account, month, opening, closing,
    case when nth = 1 then closing else 0 end as new_minor,
    case when opening > 0 and closing > opening then closing - opening else 0 end as expansion_minor,
    case when opening > closing and closing > 0 then closing - opening else 0 end as contraction_minor,
    case when opening > 0 and closing = 0 then -opening else 0 end as churn_minor,
    case when nth > 1 and opening = 0 then closing else 0 end as reactivation_minor
from moved where opening <> 0 or closing <> 0
"""
