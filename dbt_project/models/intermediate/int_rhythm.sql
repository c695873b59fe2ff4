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

-- In working days a gap is a difference of running numbers. Use on a day of rest counts at the working day before it;
-- a gap of none is no gap.
numbered_days as (
    select
        days.account_id,
        days.activity_date,
        days.known_date,
        days.events,
        days.is_first_news,
        days.gap_days,
        calendar.working_day_number,
        nullif(calendar.working_day_number - before.working_day_number, 0) as gap_working_days,
        {{ turned_x('days.clock_x_thousandths', 'days.clock_y_thousandths', 'calendar.zone_x_thousandths', 'calendar.zone_y_thousandths') }} as clock_x,
        {{ turned_y('days.clock_x_thousandths', 'days.clock_y_thousandths', 'calendar.zone_x_thousandths', 'calendar.zone_y_thousandths') }} as clock_y
    from {{ ref('int_activity_days') }} as days
    left join {{ ref('int_calendar') }} as calendar on calendar.calendar_date = days.activity_date
    left join {{ ref('int_calendar') }} as before
        on before.calendar_date = {{ add_days('days.activity_date', '-days.gap_days') }}
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
        days.gap_working_days,
        days.working_day_number,
        days.clock_x,
        days.clock_y,
        ages.age_days,
        ages.age_working_days,
        ages.is_working_day,
        ages.weekday_tally,
        ages.weight_7_millionths,
        ages.weight_28_millionths,
        ages.weight_91_millionths
    from population
    inner join numbered_days as days on days.account_id = population.account_id and days.known_date <= population.as_of
    inner join {{ ref('int_day_ages') }} as ages
        on ages.as_of = population.as_of and ages.calendar_date = days.activity_date and ages.age_days >= 0
),

measured_again as (
    select
        known_days.*,
        case when is_first_news then {{ days_between('lag(activity_date) over known', 'activity_date') }} end as gap_days_again,
        case when is_first_news then nullif(working_day_number - lag(working_day_number) over known, 0) end as gap_working_days_again
    from known_days
    where is_unsettled
    window known as (partition by as_of, account_id, is_first_news order by activity_date)
),

spaced as (
    select
        as_of, account_id, activity_date, events, is_first_news, age_days, age_working_days, is_working_day, weekday_tally,
        weight_7_millionths, weight_28_millionths, weight_91_millionths, clock_x, clock_y, gap_days, gap_working_days
    from known_days
    where not is_unsettled
    union all
    select
        as_of, account_id, activity_date, events, is_first_news, age_days, age_working_days, is_working_day, weekday_tally,
        weight_7_millionths, weight_28_millionths, weight_91_millionths, clock_x, clock_y,
        gap_days_again as gap_days, gap_working_days_again as gap_working_days
    from measured_again
),

summed as (
    select
        as_of,
        account_id,
        max(activity_date) as last_active_date,
        min(age_days) as days_silent,
        min(age_working_days) as silent_working_days,
        count(*) filter (where is_first_news) as active_days_total,
        count(*) filter (where is_first_news and age_days < 28) as active_days_28,
        count(*) filter (where is_first_news and age_days >= 28 and age_days < 56) as active_days_prev_28,
        count(*) filter (where is_first_news and age_days < 91) as active_days_91,
        count(*) filter (where is_first_news and age_days >= 91 and age_days < 182) as active_days_prev_91,
        count(*) filter (where is_first_news and age_days < 365) as active_days_365,
        count(*) filter (where is_first_news and age_days >= 364 and age_days < 392) as same_weeks_last_year_active_days,
        count(*) filter (where is_first_news and age_days >= 392 and age_days < 420) as weeks_before_last_year_active_days,
        count(*) filter (where is_first_news and age_days < 364 and not is_working_day) as rest_day_active_days,
        cast(coalesce(sum(events) filter (where age_days < 28), 0) as bigint) as events_28,
        cast(coalesce(sum(events) filter (where age_days >= 28 and age_days < 56), 0) as bigint) as events_prev_28,
        cast(coalesce(sum(events) filter (where age_days < 91), 0) as bigint) as events_91,
        cast(sum(events * weight_7_millionths) as bigint) as decayed_events_7_millionths,
        cast(sum(events * weight_28_millionths) as bigint) as decayed_events_28_millionths,
        cast(sum(events * weight_91_millionths) as bigint) as decayed_events_91_millionths,
        -- The weekday pattern is that of 52 whole weeks, and of the last four.
        cast(coalesce(sum(weekday_tally) filter (where is_first_news and age_days < 364), 0) as bigint) as weekday_tally_364,
        cast(coalesce(sum(weekday_tally) filter (where is_first_news and age_days < 28), 0) as bigint) as weekday_tally_28,
        cast(coalesce(sum(clock_x) filter (where age_days < 364), 0) as bigint) as clock_x_364,
        cast(coalesce(sum(clock_y) filter (where age_days < 364), 0) as bigint) as clock_y_364,
        cast(coalesce(sum(events) filter (where age_days < 364), 0) as bigint) as events_364,
        cast(coalesce(sum(clock_x) filter (where age_days < 28), 0) as bigint) as clock_x_28,
        cast(coalesce(sum(clock_y) filter (where age_days < 28), 0) as bigint) as clock_y_28,
        -- The usual rhythm is that of the last year.
        count(gap_days) filter (where age_days < 365) as gap_count,
        count(gap_working_days) filter (where age_days < 365) as gap_working_count,
        {{ quantiles('case when age_days < 365 then gap_days end', [0.25, 0.5, 0.75, 0.9]) }} as gaps,
        {{ quantiles('case when age_days < 365 then gap_working_days end', [0.1, 0.25, 0.5, 0.75, 0.9]) }} as working_gaps
    from spaced
    group by as_of, account_id
),

weekdays as (
    select
        summed.*,
        {% for day in range(1, 8) -%}
        {{ weekday_count('weekday_tally_364', day) }} as usually_{{ day }},
        {{ weekday_count('weekday_tally_28', day) }} as lately_{{ day }},
        {% endfor -%}
        {{ mean_hour('clock_x_364', 'clock_y_364', 'events_364') }} as usual_hour,
        {{ mean_hour('clock_x_28', 'clock_y_28', 'events_28') }} as hour_28
    from summed
),

patterns as (
    select
        weekdays.*,
        {% for day in range(1, 8) %}usually_{{ day }}{{ ' + ' if not loop.last }}{% endfor %} as usual_days,
        {% for day in range(1, 8) %}lately_{{ day }}{{ ' + ' if not loop.last }}{% endfor %} as late_days,
        greatest({% for day in range(1, 8) %}usually_{{ day }}{{ ', ' if not loop.last }}{% endfor %}) as most_on_a_weekday
    from weekdays
)

select
    as_of,
    account_id,
    last_active_date,
    cast(days_silent as integer) as days_silent,
    cast(silent_working_days as integer) as silent_working_days,
    active_days_total,
    active_days_28,
    active_days_prev_28,
    active_days_91,
    active_days_prev_91,
    active_days_365,
    same_weeks_last_year_active_days,
    weeks_before_last_year_active_days,
    events_28,
    events_prev_28,
    events_91,
    decayed_events_7_millionths,
    decayed_events_28_millionths,
    decayed_events_91_millionths,
    {{ ratio('rest_day_active_days', 'usual_days') }} as rest_day_share,
    cast(case
        {% for day in range(1, 8) -%}
        when most_on_a_weekday > 0 and usually_{{ day }} = most_on_a_weekday then {{ day }}
        {% endfor -%}
    end as integer) as usual_weekday,
    {{ ratio('most_on_a_weekday', 'usual_days') }} as usual_weekday_share,
    -- The share of its active days that would have to move to another weekday. A handful of days has no pattern.
    case
        when usual_days >= 12 and late_days >= 4 then {{ rounded('(' ~ weekday_differences() ~ ') / 2', 9) }}
    end as weekday_shift_28_share,
    {{ rounded(hour_of_day('usual_hour'), 2) }} as usual_hour,
    {{ rounded(hours_apart('hour_28', 'usual_hour'), 2) }} as hour_shift_28_hours,
    gap_count,
    gap_working_count,
    {{ rounded('gaps[1]', 6) }} as gap_lower_days,
    {{ rounded('gaps[2]', 6) }} as gap_median_days,
    {{ rounded('gaps[3]', 6) }} as gap_upper_days,
    {{ rounded('gaps[4]', 6) }} as gap_p90_days,
    {{ rounded('working_gaps[1]', 6) }} as gap_p10_working_days,
    {{ rounded('working_gaps[2]', 6) }} as gap_lower_working_days,
    {{ rounded('working_gaps[3]', 6) }} as gap_median_working_days,
    {{ rounded('working_gaps[4]', 6) }} as gap_upper_working_days,
    {{ rounded('working_gaps[5]', 6) }} as gap_p90_working_days
from patterns
