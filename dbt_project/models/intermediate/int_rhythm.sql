-- Gaps are stored once a day of activity. They hold for every cut-off by which all days before it were known; where one
-- was not (a day that is known later splits a gap in two), they are measured again among the days known by then.
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
),

population as (
    select
        population.as_of,
        population.account_id,
        unsettled.account_id is not null as is_unsettled
    from {{ ref('int_population') }} as population
    left join unsettled on unsettled.as_of = population.as_of and unsettled.account_id = population.account_id
),

known_days as (
    select
        population.as_of,
        population.account_id,
        population.is_unsettled,
        days.activity_date,
        days.events,
        days.is_first_news,
        days.gap_days,
        {{ days_between('days.activity_date', 'population.as_of') }} as age_days
    from population
    inner join {{ ref('int_activity_days') }} as days
        on
            days.account_id = population.account_id
            and days.activity_date <= population.as_of
            -- Two years: this year's weeks and the same ones a year before.
            and days.activity_date > {{ add_days('population.as_of', -728) }}
            and days.known_date <= population.as_of
),

measured_again as (
    select
        as_of,
        account_id,
        activity_date,
        events,
        is_first_news,
        age_days,
        case
            when is_first_news
                then {{ days_between('lag(activity_date) over (partition by as_of, account_id, is_first_news order by activity_date)', 'activity_date') }}
        end as gap_days
    from known_days
    where is_unsettled
),

spaced as (
    select as_of, account_id, activity_date, events, is_first_news, age_days, gap_days
    from known_days
    where not is_unsettled
    union all
    select as_of, account_id, activity_date, events, is_first_news, age_days, gap_days
    from measured_again
)

select
    as_of,
    account_id,
    max(activity_date) as last_active_date,
    cast(min(age_days) as integer) as days_silent,
    count(*) filter (where is_first_news) as active_days_total,
    count(*) filter (where is_first_news and age_days < 28) as active_days_28,
    count(*) filter (where is_first_news and age_days >= 28 and age_days < 56) as active_days_prev_28,
    count(*) filter (where is_first_news and age_days < 91) as active_days_91,
    count(*) filter (where is_first_news and age_days >= 91 and age_days < 182) as active_days_prev_91,
    count(*) filter (where is_first_news and age_days < 365) as active_days_365,
    count(*) filter (where is_first_news and age_days >= 364 and age_days < 392) as same_weeks_last_year_active_days,
    count(*) filter (where is_first_news and age_days >= 392 and age_days < 420) as weeks_before_last_year_active_days,
    cast(coalesce(sum(events) filter (where age_days < 28), 0) as bigint) as events_28,
    cast(coalesce(sum(events) filter (where age_days >= 28 and age_days < 56), 0) as bigint) as events_prev_28,
    cast(coalesce(sum(events) filter (where age_days < 91), 0) as bigint) as events_91,
    {{ decayed_sum('events', 'age_days', 7) }} as decayed_events_7_millionths,
    {{ decayed_sum('events', 'age_days', 28) }} as decayed_events_28_millionths,
    {{ decayed_sum('events', 'age_days', 91) }} as decayed_events_91_millionths,
    -- The usual rhythm is that of the last year.
    count(gap_days) filter (where age_days < 365) as gap_count,
    {{ quantile('case when age_days < 365 then gap_days end', 0.5) }} as gap_median_days,
    {{ quantile('case when age_days < 365 then gap_days end', 0.25) }} as gap_lower_days,
    {{ quantile('case when age_days < 365 then gap_days end', 0.75) }} as gap_upper_days,
    {{ quantile('case when age_days < 365 then gap_days end', 0.9) }} as gap_p90_days
from spaced
group by as_of, account_id
