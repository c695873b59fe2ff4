{{ config(materialized='view') }}
-- Kinds and people are counted by how old their newest and oldest day is: to count them apart costs three times as much.
with known_days as (
    select
        ages.as_of,
        days.account_id,
        days.contact_id,
        days.kind,
        min(ages.age_days) as newest_days,
        max(ages.age_days) as oldest_days
    from {{ ref('int_day_ages') }} as ages
    inner join {{ ref('int_person_days') }} as days on days.activity_date = ages.calendar_date and days.known_date <= ages.as_of
    where ages.age_days >= 0 and ages.age_days < 56
    group by ages.as_of, days.account_id, days.contact_id, days.kind
),

kinds as (
    select
        as_of,
        account_id,
        0 as person,
        1 as kind,
        min(newest_days) as newest_days,
        max(oldest_days) as oldest_days
    from known_days
    group by as_of, account_id, known_days.kind
),

people as (
    select
        as_of,
        account_id,
        1 as person,
        0 as kind,
        min(newest_days) as newest_days,
        max(oldest_days) as oldest_days
    from known_days
    where contact_id <> ''
    group by as_of, account_id, contact_id
),

both_counted as (
    select as_of, account_id, person, kind, newest_days, oldest_days from kinds
    union all
    select as_of, account_id, person, kind, newest_days, oldest_days from people
)

select
    both_counted.as_of,
    both_counted.account_id,
    cast(coalesce(sum(kind) filter (where newest_days < 28), 0) as bigint) as kinds_28,
    cast(coalesce(sum(kind) filter (where oldest_days >= 28), 0) as bigint) as kinds_prev_28,
    cast(coalesce(sum(person) filter (where newest_days < 28), 0) as bigint) as people_active_28,
    cast(coalesce(sum(person) filter (where oldest_days >= 28), 0) as bigint) as people_active_prev_28
from both_counted
inner join {{ ref('int_population') }} as population on population.as_of = both_counted.as_of and population.account_id = both_counted.account_id
group by both_counted.as_of, both_counted.account_id
