-- One row per account, currency and month of a gap in which something moves or stays on hold.
with gap_months as (
    select
        gaps.*,
        months.month,
        months.closes_on,
        months.month = gaps.gap_month as is_first,
        gaps.gap_kind = 'held' and months.month is not distinct from gaps.hold_ends_month as is_end_of_hold
    from {{ ref('int_revenue_gaps') }} as gaps
    inner join {{ ref('int_months') }} as months
        on months.month >= gaps.gap_month and (gaps.month_after is null or months.month < gaps.month_after)
    where
        case gaps.gap_kind
            when 'carried' then true
            when 'held' then gaps.hold_ends_month is null or months.month <= gaps.hold_ends_month
            else months.month = gaps.gap_month
        end
),

-- Ended by the customer: asked for in the terms that ended, or recorded as an exit.
asked as (
    select distinct
        gap_months.account_id,
        gap_months.month
    from gap_months
    inner join {{ ref('int_subscriptions') }} as subscriptions
        on
            subscriptions.account_id = gap_months.account_id
            and subscriptions.cancel_requested_date <= gap_months.closes_on
            and (subscriptions.valid_to_date is null or subscriptions.valid_to_date >= {{ add_days('gap_months.gap_month', -31) }})
    union
    select distinct
        gap_months.account_id,
        gap_months.month
    from gap_months
    inner join {{ ref('int_exits') }} as exits
        on
            exits.account_id = gap_months.account_id
            and exits.outcome = 'left'
            and coalesce(exits.kind, 'voluntary') <> 'involuntary'
            and {{ company_date('exits.requested_at') }} <= gap_months.closes_on
            and {{ company_date('exits.requested_at') }} > {{ add_days('gap_months.month', -93) }}
),

-- Ended by a payment that failed: in the month or the one before.
failed as (
    select distinct
        gap_months.account_id,
        gap_months.month
    from gap_months
    inner join {{ ref('int_payment_failures') }} as failures
        on
            failures.account_id = gap_months.account_id
            and failures.failed_on <= gap_months.closes_on
            and failures.failed_on >= {{ add_days('gap_months.month', -31) }}
)

select
    gap_months.account_id,
    gap_months.currency,
    gap_months.month,
    gap_months.plan,
    case when gap_kind = 'carried' or is_first then before_minor else 0 end as opening_mrr_minor,
    case when gap_kind = 'moved' then -before_minor else 0 end as contraction_minor,
    case
        when is_end_of_hold then before_minor
        when gap_kind = 'held' and is_first then -before_minor
        else 0
    end as pause_minor,
    case when gap_kind = 'gone' or is_end_of_hold then -before_minor else 0 end as churn_minor,
    case
        when (gap_kind = 'gone' or is_end_of_hold) and failed.account_id is not null and asked.account_id is null then -before_minor
        else 0
    end as involuntary_churn_minor,
    case when gap_kind = 'carried' then before_minor else 0 end as closing_mrr_minor,
    case when gap_kind = 'held' and not is_end_of_hold then before_minor else 0 end as on_hold_minor
from gap_months
left join asked on asked.account_id = gap_months.account_id and asked.month = gap_months.month
left join failed on failed.account_id = gap_months.account_id and failed.month = gap_months.month
