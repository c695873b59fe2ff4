{{ config(materialized='view') }}
-- Months that the operations database has closed stand as they were closed; the others are computed.
with closed_until as (select max(month) as month from {{ source('operations', 'month_closes') }}),

-- Revenue that was there at the end of the month before.
steady as (
    select
        account_id, month, currency,
        coalesce(plan_before, plan) as plan,
        closing_before_minor as opening_mrr_minor,
        cast(0 as bigint) as new_minor,
        greatest(closing_mrr_minor - closing_before_minor, 0) as expansion_minor,
        least(closing_mrr_minor - closing_before_minor, 0) as contraction_minor,
        cast(0 as bigint) as pause_minor,
        cast(0 as bigint) as churn_minor,
        cast(0 as bigint) as reactivation_minor,
        closing_mrr_minor,
        cast(0 as bigint) as on_hold_minor,
        cast(0 as bigint) as involuntary_churn_minor,
        cancel_requested_minor
    from {{ ref('int_month_ends') }}
    where months_since = 1
),

first_elsewhere as (
    select account_id, currency, min(month) as month from {{ ref('int_other_currencies') }} group by account_id, currency
),

-- Revenue that was not: an account's first, back from a hold, moved here from another currency, or won back.
begun as (
    select
        ends.account_id, ends.month, ends.currency, ends.plan, ends.closing_mrr_minor, ends.cancel_requested_minor,
        gaps.before_minor as held_minor,
        case
            when gaps.before_minor is not null then 'held'
            when elsewhere.account_id is not null then 'moved'
            when ends.months_since is not null or first_elsewhere.month < ends.month then 'back'
            else 'new'
        end as begin_kind
    from {{ ref('int_month_ends') }} as ends
    left join {{ ref('int_revenue_gaps') }} as gaps
        on
            gaps.account_id = ends.account_id
            and gaps.currency = ends.currency
            and gaps.month_after = ends.month
            and gaps.gap_kind = 'held'
            and gaps.hold_ends_month is null
    left join {{ ref('int_other_currencies') }} as elsewhere
        on
            elsewhere.account_id = ends.account_id
            and elsewhere.currency = ends.currency
            and {{ next_month('elsewhere.month') }} = ends.month
    left join first_elsewhere on first_elsewhere.account_id = ends.account_id and first_elsewhere.currency = ends.currency
    where ends.months_since is null or ends.months_since > 1
),

computed as (
    select * from steady
    union all
    select
        account_id, month, currency, plan,
        0 as opening_mrr_minor,
        case when begin_kind = 'new' then closing_mrr_minor else 0 end as new_minor,
        case
            when begin_kind = 'moved' then closing_mrr_minor
            when begin_kind = 'held' then greatest(closing_mrr_minor - held_minor, 0)
            else 0
        end as expansion_minor,
        case when begin_kind = 'held' then least(closing_mrr_minor - held_minor, 0) else 0 end as contraction_minor,
        case when begin_kind = 'held' then held_minor else 0 end as pause_minor,
        0 as churn_minor,
        case when begin_kind = 'back' then closing_mrr_minor else 0 end as reactivation_minor,
        closing_mrr_minor,
        0 as on_hold_minor,
        0 as involuntary_churn_minor,
        cancel_requested_minor
    from begun
    union all
    select
        account_id, month, currency, plan, opening_mrr_minor,
        0 as new_minor,
        0 as expansion_minor,
        contraction_minor, pause_minor, churn_minor,
        0 as reactivation_minor,
        closing_mrr_minor, on_hold_minor, involuntary_churn_minor,
        0 as cancel_requested_minor
    from {{ ref('int_gap_months') }}
)

select
    computed.account_id,
    computed.month,
    computed.currency,
    computed.plan,
    computed.opening_mrr_minor - coalesce(corrections.mrr_minor, 0) as opening_mrr_minor,
    computed.new_minor,
    computed.expansion_minor,
    computed.contraction_minor,
    computed.pause_minor - coalesce(corrections.on_hold_minor, 0) as pause_minor,
    computed.churn_minor,
    computed.reactivation_minor,
    coalesce(corrections.mrr_minor + corrections.on_hold_minor, 0) as correction_minor,
    computed.closing_mrr_minor,
    computed.on_hold_minor,
    computed.involuntary_churn_minor,
    computed.cancel_requested_minor,
    false as is_closed
from computed
left join {{ ref('int_corrections') }} as corrections
    on
        corrections.account_id = computed.account_id
        and corrections.currency = computed.currency
        and corrections.month = computed.month
where computed.month > coalesce((select month from closed_until), date '0001-01-01')
union all
-- What billing now says of closed months only, of an account that has nothing in the month after them.
select
    account_id, month, currency, plan,
    -mrr_minor as opening_mrr_minor,
    0 as new_minor,
    0 as expansion_minor,
    0 as contraction_minor,
    -on_hold_minor as pause_minor,
    0 as churn_minor,
    0 as reactivation_minor,
    mrr_minor + on_hold_minor as correction_minor,
    0 as closing_mrr_minor,
    0 as on_hold_minor,
    0 as involuntary_churn_minor,
    0 as cancel_requested_minor,
    false as is_closed
from {{ ref('int_corrections') }}
where not has_row
union all
select
    account_id, month, currency, plan, opening_mrr_minor, new_minor, expansion_minor, contraction_minor, pause_minor,
    churn_minor, reactivation_minor, correction_minor, closing_mrr_minor, on_hold_minor, involuntary_churn_minor,
    cancel_requested_minor,
    true as is_closed
from {{ source('operations', 'closed_months') }}
