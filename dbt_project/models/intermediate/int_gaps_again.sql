-- Gaps that a day known later splits in two: of an account with such a day, they are measured among the days known by then.
with unsettled as (
    select distinct
        population.as_of,
        population.account_id
    from {{ ref('int_population') }} as population
    inner join {{ ref('int_activity_days') }} as days
        on
            days.account_id = population.account_id
            and days.is_first_news
            and days.activity_date <= population.as_of
            and days.known_date > population.as_of
    -- Said again for the planner: only late news can come after the end of its day.
    where days.known_date > days.activity_date
)

select
    unsettled.as_of,
    unsettled.account_id,
    days.activity_date,
    cast({{ days_between('lag(days.activity_date) over known', 'days.activity_date') }} as integer) as gap_days
from unsettled
inner join {{ ref('int_activity_days') }} as days
    on
        days.account_id = unsettled.account_id
        and days.is_first_news
        and days.activity_date <= unsettled.as_of
        and days.known_date <= unsettled.as_of
window known as (partition by unsettled.as_of, unsettled.account_id order by days.activity_date)
