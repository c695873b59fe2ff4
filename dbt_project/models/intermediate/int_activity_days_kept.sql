-- Knows no night, as int_person_days_kept. A late event splits the gap after it: from an account's first changed day on,
-- its days are written anew.
{{ config(
    materialized='incremental',
    unique_key=['account_id', 'activity_date'],
    incremental_strategy='delete+insert',
    pre_hook="{{ forget_rows(keeps_rows()) }}",
    post_hook="{{ remove_rows('events = 0') }}",
) }}
{% set keeps = keeps_rows() %}
-- depends_on: {{ ref('int_person_day_changes') }}
with daily as (
    select
        days.account_id,
        days.activity_date,
        days.known_date,
        cast(sum(days.events) as bigint) as events,
        cast(sum(days.clock_x_thousandths) as bigint) as clock_x_thousandths,
        cast(sum(days.clock_y_thousandths) as bigint) as clock_y_thousandths,
        days.known_date = min(days.known_date) over (partition by days.account_id, days.activity_date) as is_first_news
    from {{ ref('int_person_days_kept') }} as days
    {% if keeps %}
    inner join (
        select account_id, min(activity_date) as first_changed
        from {{ ref('int_person_day_changes') }}
        group by account_id
    ) as changed on changed.account_id = days.account_id and days.activity_date >= changed.first_changed
    {% endif %}
    group by days.account_id, days.activity_date, days.known_date
),
{% if keeps %}
changed as (
    select account_id, min(activity_date) as first_changed
    from {{ ref('int_person_day_changes') }}
    group by account_id
),

active_days as (
    select account_id, activity_date from daily where is_first_news
    union all
    select kept.account_id, max(kept.activity_date) as activity_date
    from {{ this }} as kept
    inner join changed on changed.account_id = kept.account_id and kept.activity_date < changed.first_changed
    group by kept.account_id
),

emptied as (
    select kept.account_id, kept.activity_date, kept.known_date
    from {{ this }} as kept
    inner join changed on changed.account_id = kept.account_id and kept.activity_date >= changed.first_changed
    left join daily on daily.account_id = kept.account_id and daily.activity_date = kept.activity_date
    where daily.account_id is null
),
{% else %}
active_days as (select account_id, activity_date from daily where is_first_news),
{% endif %}
spaced as (
    select
        account_id,
        activity_date,
        {{ days_between('lag(activity_date) over (partition by account_id order by activity_date)', 'activity_date') }} as gap_days
    from active_days
)

select
    daily.account_id,
    daily.activity_date,
    daily.known_date,
    daily.events,
    daily.clock_x_thousandths,
    daily.clock_y_thousandths,
    daily.is_first_news,
    case when daily.is_first_news then cast(spaced.gap_days as integer) end as gap_days
from daily
inner join spaced on spaced.account_id = daily.account_id and spaced.activity_date = daily.activity_date
{% if keeps %}
union all
select
    account_id, activity_date, known_date, cast(0 as bigint) as events, cast(0 as bigint) as clock_x_thousandths,
    cast(0 as bigint) as clock_y_thousandths, false as is_first_news, cast(null as integer) as gap_days
from emptied
{% else %}
-- An account's days side by side: whoever adds them up (int_rhythm, each night and for each cut-off) then has a few
-- thousand accounts in hand at a time, and not all of a million with a row to be merged for almost every day.
order by daily.account_id, daily.activity_date
{% endif %}
