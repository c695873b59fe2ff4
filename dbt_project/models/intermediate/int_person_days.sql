with night as (select as_of from {{ source('night', 'night') }})

select
    account_id,
    activity_date,
    coalesce(contact_id, '') as contact_id,
    kind,
    known_date,
    count(*) as events
from {{ ref('int_activity') }}
where {{ is_habit('kind') }} and activity_date <= (select as_of from night)
group by account_id, activity_date, coalesce(contact_id, ''), kind, known_date
