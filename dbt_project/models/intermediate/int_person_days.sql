with night as (select as_of from {{ source('night', 'night') }}),

clock as ({{ clock_points() }})

select
    events.account_id,
    events.activity_date,
    coalesce(events.contact_id, '') as contact_id,
    events.kind,
    events.known_date,
    count(*) as events,
    -- Hours of the day add up as points on a 24-hour clock (UTC): 23 and 1 o'clock make midnight, not noon.
    cast(coalesce(sum(case when {{ has_time_of_day('events.occurred_at', 'events.activity_date') }} then clock.x_thousandths end), 0) as bigint) as clock_x_thousandths,
    cast(coalesce(sum(case when {{ has_time_of_day('events.occurred_at', 'events.activity_date') }} then clock.y_thousandths end), 0) as bigint) as clock_y_thousandths
from {{ ref('int_activity') }} as events
left join clock on clock.hour_of_day = extract(hour from events.occurred_at)
where {{ is_habit('events.kind') }} and events.activity_date <= (select night.as_of from night)
group by events.account_id, events.activity_date, coalesce(events.contact_id, ''), events.kind, events.known_date
