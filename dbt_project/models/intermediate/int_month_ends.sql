{{ config(materialized='view') }}
select
    stored.account_id,
    currencies.currency,
    stored.month,
    plans.plan,
    stored.closing_mrr_minor,
    stored.cancel_requested_minor,
    plans_before.plan as plan_before,
    stored.closing_before_minor,
    stored.months_since,
    stored.months_until
from {{ ref('int_month_ends_stored') }} as stored
inner join {{ ref('int_currencies') }} as currencies on currencies.currency_number = stored.currency_number
left join {{ ref('int_plans') }} as plans on plans.plan_number = stored.plan_number
left join {{ ref('int_plans') }} as plans_before on plans_before.plan_number = stored.plan_before_number
