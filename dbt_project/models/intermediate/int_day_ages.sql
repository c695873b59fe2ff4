-- How old each day is as of the night and of each past cut-off, worked out once a day and not once an account. The days
-- ahead are those that the weekdays of the time and company.yml promise: where the next activity is expected.
with cut_offs as (
    select as_of as day from {{ source('night', 'night') }}
    union all
    select cutoff as day from {{ source('night', 'cutoffs') }}
),

nows as (
    select
        cut_offs.day as as_of,
        calendar.working_day_number,
        calendar.working_weekdays,
        length(calendar.working_weekdays) as working_days_a_week
    from cut_offs
    inner join {{ ref('int_calendar') }} as calendar on calendar.calendar_date = cut_offs.day
),

past as (
    select
        nows.as_of,
        calendar.calendar_date,
        calendar.iso_weekday,
        calendar.day_kind = 'working' as is_working_day,
        nows.working_day_number - calendar.working_day_number as age_working_days,
        nows.working_days_a_week
    from nows
    inner join {{ ref('int_calendar') }} as calendar
        on
            calendar.calendar_date <= nows.as_of
            -- Two years: this year's weeks and the same ones a year before.
            and calendar.calendar_date > {{ add_days('nows.as_of', -728) }}
),

days_ahead as (
    select
        as_of,
        working_weekdays,
        working_days_a_week,
        cast({{ each_day(add_days('as_of', 1), add_days('as_of', days_ahead())) }} as date) as calendar_date
    from nows
),

promised as (
    select
        days_ahead.as_of,
        days_ahead.calendar_date,
        days_ahead.working_days_a_week,
        cast(extract(isodow from days_ahead.calendar_date) as integer) as iso_weekday,
        strpos(days_ahead.working_weekdays, cast(extract(isodow from days_ahead.calendar_date) as varchar)) > 0
        and closed.closed_date is null as is_working_day
    from days_ahead
    left join {{ source('night', 'closed_dates') }} as closed on closed.closed_date = days_ahead.calendar_date
),

ahead as (
    select
        as_of,
        calendar_date,
        iso_weekday,
        is_working_day,
        -sum(case when is_working_day then 1 else 0 end) over (partition by as_of order by calendar_date) as age_working_days,
        working_days_a_week
    from promised
),

aged as (
    select as_of, calendar_date, iso_weekday, is_working_day, age_working_days, working_days_a_week from past
    union all
    select as_of, calendar_date, iso_weekday, is_working_day, age_working_days, working_days_a_week from ahead
)

select
    as_of,
    calendar_date,
    is_working_day,
    cast({{ days_between('calendar_date', 'as_of') }} as integer) as age_days,
    cast(age_working_days as integer) as age_working_days,
    cast(working_days_a_week as integer) as working_days_a_week,
    -- A count by weekday in one number, two digits a weekday, Monday the last two.
    cast(power(100, iso_weekday - 1) as bigint) as weekday_tally,
    -- What an event of the day still weighs at half-lives of 1, 4 and 13 working weeks, in millionths.
    {{ decay_weight('age_working_days', 'working_days_a_week', 1) }} as weight_7_millionths,
    {{ decay_weight('age_working_days', 'working_days_a_week', 4) }} as weight_28_millionths,
    {{ decay_weight('age_working_days', 'working_days_a_week', 13) }} as weight_91_millionths
from aged
