-- One row per account and currency of which billing now tells of the last closed month otherwise than it was closed.
with closed_until as (select max(month) as month from {{ source('operations', 'month_closes') }}),

states as (
    select account_id, currency, plan, closing_mrr_minor as mrr_minor, 0 as on_hold_minor
    from {{ ref('int_month_ends') }}
    where month = (select month from closed_until)
    union all
    select account_id, currency, plan, closing_mrr_minor as mrr_minor, on_hold_minor
    from {{ ref('int_gap_months') }}
    where month = (select month from closed_until)
    union all
    select account_id, currency, plan, -closing_mrr_minor as mrr_minor, -on_hold_minor as on_hold_minor
    from {{ source('operations', 'closed_months') }}
    where month = (select month from closed_until)
),

differences as (
    select
        account_id,
        currency,
        max(plan) as plan,
        cast(sum(mrr_minor) as bigint) as mrr_minor,
        cast(sum(on_hold_minor) as bigint) as on_hold_minor
    from states
    group by account_id, currency
    having sum(mrr_minor) <> 0 or sum(on_hold_minor) <> 0
)

select
    differences.account_id,
    differences.currency,
    {{ next_month('closed_until.month') }} as month,
    differences.plan,
    differences.mrr_minor,
    differences.on_hold_minor,
    exists (
        select 1 from {{ ref('int_month_ends') }} as ends
        where
            ends.account_id = differences.account_id
            and ends.currency = differences.currency
            and ends.month = {{ next_month('closed_until.month') }}
    ) or exists (
        select 1 from {{ ref('int_gap_months') }} as gaps
        where
            gaps.account_id = differences.account_id
            and gaps.currency = differences.currency
            and gaps.month = {{ next_month('closed_until.month') }}
    ) as has_row
from differences
cross join closed_until
