{{ config(materialized='view') }}
with night as (select * from {{ source('night', 'night') }})

select
    days.account_id,
    days.activity_date,
    days.contact_id,
    days.kind,
    days.known_date,
    days.events,
    days.clock_x_thousandths,
    days.clock_y_thousandths
from {{ ref('int_person_days_kept') }} as days
cross join night
where days.activity_date <= night.as_of and days.known_date <= night.as_of
