{{ config(materialized='by_day') }}
-- Gaps are stored once a day of activity. They hold for every cut-off by which all days before it were known; where one
-- was not, they are in int_gaps_again.
-- What a day of each age counts for. Counts share a number, so that a pass over the days adds up six of them and not
-- twenty: days by window, two or three digits each; weekdays of 52 whole weeks, days of rest above them; and those of the
-- last four. An event counts 1 or 0.
with ages as (
    select
        ages.as_of,
        ages.calendar_date,
        ages.age_days,
        ages.age_working_days,
        calendar.zone_x_thousandths,
        calendar.zone_y_thousandths,
        cast(
            1
            + case when age_days < 365 then {{ 10 ** 3 }} else 0 end
            + case when age_days < 28 then {{ 10 ** 6 }} else 0 end
            + case when age_days >= 28 and age_days < 56 then {{ 10 ** 8 }} else 0 end
            + case when age_days < 91 then {{ 10 ** 10 }} else 0 end
            + case when age_days >= 91 and age_days < 182 then {{ 10 ** 12 }} else 0 end
            + case when age_days >= 364 and age_days < 392 then {{ 10 ** 14 }} else 0 end
            + case when age_days >= 392 and age_days < 420 then {{ 10 ** 16 }} else 0 end
            as bigint
        ) as window_tally,
        cast(case when age_days < 364 then weekday_tally + case when is_working_day then 0 else {{ 10 ** 14 }} end else 0 end as bigint) as weekday_tally_364,
        cast(case when age_days < 28 then weekday_tally else 0 end as bigint) as weekday_tally_28,
        case when age_days < 28 then 1 else 0 end as in_28,
        case when age_days >= 28 and age_days < 56 then 1 else 0 end as in_prev_28,
        case when age_days < 91 then 1 else 0 end as in_91,
        case when age_days < 364 then 1 else 0 end as in_364,
        weight_7_millionths,
        weight_28_millionths,
        weight_91_millionths
    from {{ ref('int_day_ages') }} as ages
    inner join {{ ref('int_calendar') }} as calendar on calendar.calendar_date = ages.calendar_date
    where ages.age_days >= 0
),

known_days as (
    select
        ages.*,
        days.account_id,
        days.events,
        days.is_first_news,
        case when days.is_first_news and measured_again.account_id is not null then measured_again.gap_days else days.gap_days end as gap_days,
        days.clock_x_thousandths,
        days.clock_y_thousandths
    from ages
    inner join {{ ref('int_activity_days') }} as days on days.activity_date = ages.calendar_date and days.known_date <= ages.as_of
    left join {{ ref('int_gaps_again') }} as measured_again
        on
            measured_again.as_of = ages.as_of
            and measured_again.account_id = days.account_id
            and measured_again.activity_date = days.activity_date
),

extent as (select min(calendar_date) as first_date, max(calendar_date) as last_date from {{ ref('int_calendar') }}),

every_day as (select cast({{ each_day('first_date', 'last_date') }} as date) as calendar_date from extent),

-- The running number of every day in one row: the days of all accounts are looked up in it.
numbered_days as (
    select
        min(every_day.calendar_date) as first_date,
        {{ listed('calendar.working_day_number', 'every_day.calendar_date') }} as working_day_numbers
    from every_day
    left join {{ ref('int_calendar') }} as calendar on calendar.calendar_date = every_day.calendar_date
),

placed as (
    select
        known_days.*,
        numbered_days.working_day_numbers,
        {{ days_between('numbered_days.first_date', 'known_days.calendar_date') }} + 1 as place
    from known_days
    cross join numbered_days
),

-- In working days a gap is a difference of running numbers. Use on a day of rest counts at the working day before it;
-- a gap of none is no gap. The usual rhythm is that of the last year.
spaced as (
    select
        placed.*,
        case when age_days < 365 then gap_days end as gap_days_365,
        case
            when age_days < 365 and gap_days < place
                then nullif({{ at_place('working_day_numbers', 'place') }} - {{ at_place('working_day_numbers', 'place - gap_days') }}, 0)
        end as gap_working_days_365,
        {{ turned_x('clock_x_thousandths', 'clock_y_thousandths', 'zone_x_thousandths', 'zone_y_thousandths') }} as clock_x,
        {{ turned_y('clock_x_thousandths', 'clock_y_thousandths', 'zone_x_thousandths', 'zone_y_thousandths') }} as clock_y
    from placed
),

summed as (
    select
        as_of,
        account_id,
        max(calendar_date) as last_active_date,
        min(age_days) as days_silent,
        min(age_working_days) as silent_working_days,
        cast(coalesce(sum(case when is_first_news then window_tally end), 0) as bigint) as window_tally,
        cast(coalesce(sum(case when is_first_news then weekday_tally_364 end), 0) as bigint) as weekday_tally_364,
        cast(coalesce(sum(case when is_first_news then weekday_tally_28 end), 0) as bigint) as weekday_tally_28,
        cast(sum(events * in_28) as bigint) as events_28,
        cast(sum(events * in_prev_28) as bigint) as events_prev_28,
        cast(sum(events * in_91) as bigint) as events_91,
        cast(sum(events * in_364) as bigint) as events_364,
        cast(sum(events * weight_7_millionths) as bigint) as decayed_events_7_millionths,
        cast(sum(events * weight_28_millionths) as bigint) as decayed_events_28_millionths,
        cast(sum(events * weight_91_millionths) as bigint) as decayed_events_91_millionths,
        cast(sum(clock_x * in_364) as bigint) as clock_x_364,
        cast(sum(clock_y * in_364) as bigint) as clock_y_364,
        cast(sum(clock_x * in_28) as bigint) as clock_x_28,
        cast(sum(clock_y * in_28) as bigint) as clock_y_28,
        count(gap_days_365) as gap_count,
        count(gap_working_days_365) as gap_working_count,
        {{ quantiles('gap_days_365', [0.25, 0.5, 0.75, 0.9]) }} as gaps,
        {{ quantiles('gap_working_days_365', [0.1, 0.25, 0.5, 0.75, 0.9]) }} as working_gaps
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
    -- Only now: to look up a row an account costs less than one a day.
    inner join {{ ref('int_population') }} as population on population.as_of = summed.as_of and population.account_id = summed.account_id
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
    {{ digits_of('window_tally', 0, 3) }} as active_days_total,
    {{ digits_of('window_tally', 6, 2) }} as active_days_28,
    {{ digits_of('window_tally', 8, 2) }} as active_days_prev_28,
    {{ digits_of('window_tally', 10, 2) }} as active_days_91,
    {{ digits_of('window_tally', 12, 2) }} as active_days_prev_91,
    {{ digits_of('window_tally', 3, 3) }} as active_days_365,
    {{ digits_of('window_tally', 14, 2) }} as same_weeks_last_year_active_days,
    {{ digits_of('window_tally', 16, 2) }} as weeks_before_last_year_active_days,
    events_28,
    events_prev_28,
    events_91,
    decayed_events_7_millionths,
    decayed_events_28_millionths,
    decayed_events_91_millionths,
    {{ ratio(digits_of('weekday_tally_364', 14, 3), 'usual_days') }} as rest_day_share,
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
