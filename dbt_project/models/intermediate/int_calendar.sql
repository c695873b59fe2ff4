-- Whether a day was one on which the company's customers work. A day is judged by itself and by days before it, so that
-- what came later changes no past day: the panel sees a past cut-off's calendar as it was then.
with night as (select * from {{ source('night', 'night') }}),

active as (
    select
        activity_date,
        -- Like for like: of every day, what was known when it ended.
        count(*) filter (where known_date <= activity_date) as active_accounts,
        count(*) filter (where known_date <= {{ add_days('activity_date', 7) }}) as active_accounts_within_a_week
    from {{ ref('int_activity_days') }}
    where is_first_news
    group by activity_date
),

extent as (
    select least(
        (select min(active.activity_date) from active), (select min(cutoffs.cutoff) from {{ source('night', 'cutoffs') }} as cutoffs), night.as_of
    ) as first_date,
    night.as_of as last_date
    from night
),

every_day as (select cast({{ each_day('first_date', 'last_date') }} as date) as calendar_date from extent),

days as (
    select
        every_day.calendar_date,
        cast(extract(isodow from every_day.calendar_date) as integer) as iso_weekday,
        coalesce(active.active_accounts, 0) as active_accounts,
        coalesce(active.active_accounts_within_a_week, 0) as active_accounts_within_a_week,
        closed.closed_date is not null as is_stated
    from every_day
    left join active on active.activity_date = every_day.calendar_date
    left join {{ source('night', 'closed_dates') }} as closed on closed.closed_date = every_day.calendar_date
),

-- Eight weeks that ended a week ago: by then also what comes late is known, however a source delivers.
volumes as (
    select
        days.calendar_date,
        before.iso_weekday,
        sum(before.active_accounts_within_a_week) as volume,
        count(*) as weeks
    from days
    inner join days as before
        on
            before.calendar_date < {{ add_days('days.calendar_date', -7) }}
            and before.calendar_date >= {{ add_days('days.calendar_date', -63) }}
    group by days.calendar_date, before.iso_weekday
),

busiest as (
    select calendar_date, max(volume) as volume, min(weeks) as weeks from volumes group by calendar_date having count(*) = 7
),

-- A weekday counts as one of work at a quarter of the busiest one's volume. Under 40 the volumes are chance.
weekdays as (
    select
        volumes.calendar_date,
        {{ run_together('cast(volumes.iso_weekday as varchar)', 'volumes.iso_weekday') }} as working_weekdays
    from volumes
    inner join busiest on busiest.calendar_date = volumes.calendar_date
    where volumes.volume * 4 >= busiest.volume and busiest.volume >= 40 and busiest.weeks >= 2
    group by volumes.calendar_date
),

usual as (
    select
        days.calendar_date,
        {{ quantile('before.active_accounts', 0.5) }} as usual_active_accounts
    from days
    inner join days as before
        on
            before.iso_weekday = days.iso_weekday
            and before.calendar_date < days.calendar_date
            and before.calendar_date >= {{ add_days('days.calendar_date', -56) }}
    group by days.calendar_date
),

judged as (
    select
        days.calendar_date,
        days.iso_weekday,
        days.active_accounts,
        usual.usual_active_accounts,
        coalesce(weekdays.working_weekdays, '1234567') as working_weekdays,
        case
            when days.is_stated then 'closed'
            when strpos(coalesce(weekdays.working_weekdays, '1234567'), cast(days.iso_weekday as varchar)) = 0 then 'rest'
            -- Of 20 or more that are usual, fewer than three in ten is no chance: an outage, a holiday.
            when usual.usual_active_accounts >= 20 and days.active_accounts < 0.3 * usual.usual_active_accounts then 'closure'
            else 'working'
        end as day_kind
    from days
    left join weekdays on weekdays.calendar_date = days.calendar_date
    left join usual on usual.calendar_date = days.calendar_date
)

select
    calendar_date,
    iso_weekday,
    cast(active_accounts as integer) as active_accounts,
    cast(usual_active_accounts as double precision) as usual_active_accounts,
    working_weekdays,
    day_kind,
    cast(sum(case when day_kind = 'working' then 1 else 0 end) over (order by calendar_date) as integer) as working_day_number,
    -- The company's zone that day as a point on a 24-hour clock, in thousandths: what a sum of hours is turned by.
    {{ whole("1000 * cos(" ~ zone_hours('calendar_date', "'" ~ var('timezone') ~ "'") ~ " * pi() / 12)") }} as zone_x_thousandths,
    {{ whole("1000 * sin(" ~ zone_hours('calendar_date', "'" ~ var('timezone') ~ "'") ~ " * pi() / 12)") }} as zone_y_thousandths
from judged
