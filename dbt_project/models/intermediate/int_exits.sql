with exits as (
    {{ union_sources('exits', ['generic']) }}
    union all
    select account_id, requested_at, effective_at, reason, comment, offer, outcome
    from {{ source('operations', 'exits') }}
),

night as (select * from {{ source('night', 'night') }})

select
    {{ resolved_account('exits') }} as account_id,
    exits.requested_at,
    exits.effective_at,
    exits.reason,
    exits.comment,
    exits.offer,
    exits.outcome
from exits
cross join night
{{ join_account('exits') }}
where exits.account_id is not null and exits.requested_at < night.midnight_at
