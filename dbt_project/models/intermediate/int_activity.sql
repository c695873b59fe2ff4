{{ config(materialized='view') }}
-- A view: nobody needs a copy of every event. What is read each night is kept by day (int_person_days, int_dealings).
with night as (select * from {{ source('night', 'night') }})

select
    events.account_id,
    events.contact_id,
    events.occurred_at,
    events.known_at,
    events.kind,
    events.value,
    events.source,
    events.activity_date,
    events.known_date
from {{ ref('int_events') }} as events
cross join night
where events.occurred_at < night.midnight_at and events.known_at < night.midnight_at
