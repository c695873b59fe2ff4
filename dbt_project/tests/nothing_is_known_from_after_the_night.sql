-- No event, payment or active day of a later date is in what the night computes from.
select activity.activity_date
from {{ ref('int_activity') }} as activity
cross join {{ source('night', 'night') }} as night
where activity.activity_date > night.as_of or activity.known_date > night.as_of
union all
select cadence.last_active_date
from {{ ref('account_cadence_panel') }} as cadence
where cadence.last_active_date > cadence.cutoff
