with told as (
    select
        account_id,
        {{ company_date('requested_at') }} as requested_date,
        coalesce(reason, 'not given') as reason,
        outcome,
        kind
    from {{ ref('int_exits') }}
)

select
    account_id,
    requested_date,
    {{ month_of('requested_date') }} as month,
    min(reason) as reason,
    min(outcome) as outcome,
    min(kind) as kind
from told
group by account_id, requested_date
