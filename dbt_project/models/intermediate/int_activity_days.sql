-- Late news of a day is a row of its own, so that a past cut-off sees what was known by then and no more.
select
    account_id,
    activity_date,
    known_date,
    cast(sum(events) as bigint) as events
from {{ ref('int_person_days') }}
group by account_id, activity_date, known_date
