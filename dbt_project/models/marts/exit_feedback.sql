select
    coalesce(exits.reason, 'not given') as reason,
    {{ month_of(company_date('exits.requested_at')) }} as month,
    count(*) as exits,
    count(*) filter (where exits.outcome = 'saved') as saved,
    count(*) filter (where exits.outcome = 'left') as left_count,
    -- Signs are known once accounts are scored: stillhere/scoring/leavers_like.py writes it.
    cast(null as bigint) as active_accounts_like_it
from {{ ref('int_exits') }} as exits
group by coalesce(exits.reason, 'not given'), {{ month_of(company_date('exits.requested_at')) }}
