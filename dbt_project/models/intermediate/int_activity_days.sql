with days as (
    select
        account_id,
        activity_date,
        min(known_date) as known_date,
        sum(events) as events
    from {{ ref('int_person_days') }}
    group by account_id, activity_date
)

select
    account_id,
    activity_date,
    known_date,
    cast(events as bigint) as events,
    {{ days_between('lag(activity_date) over (partition by account_id order by activity_date)', 'activity_date') }} as gap_days
from days
