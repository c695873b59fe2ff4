-- Late news of a day is a row of its own, so that a past cut-off sees what was known by then and no more.
with daily as (
    select
        account_id,
        activity_date,
        known_date,
        cast(sum(events) as bigint) as events,
        cast(coalesce(sum(clock_x_thousandths), 0) as bigint) as clock_x_thousandths,
        cast(coalesce(sum(clock_y_thousandths), 0) as bigint) as clock_y_thousandths,
        known_date = min(known_date) over (partition by account_id, activity_date) as is_first_news
    from {{ ref('int_person_days') }}
    group by account_id, activity_date, known_date
),

spaced as (
    select
        account_id,
        activity_date,
        {{ days_between('lag(activity_date) over (partition by account_id order by activity_date)', 'activity_date') }} as gap_days
    from daily
    where is_first_news
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
