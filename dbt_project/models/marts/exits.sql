select
    account_id,
    {{ company_date('requested_at') }} as requested_date,
    {{ month_of(company_date('requested_at')) }} as month,
    coalesce(reason, 'not given') as reason,
    outcome
from {{ ref('int_exits') }}
