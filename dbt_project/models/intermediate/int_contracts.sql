{{ config(materialized='view') }}
-- Whose terms are known: by subscription or, for an account without any, by the invoices that say which time they cover.
select
    subscriptions.subscription_id,
    subscriptions.account_id,
    subscriptions.valid_from,
    subscriptions.mrr_minor,
    subscriptions.currency,
    subscriptions.status,
    subscriptions.plan,
    subscriptions.seats,
    subscriptions.is_annual,
    subscriptions.discount_share,
    subscriptions.valid_from_date,
    subscriptions.valid_to_date,
    subscriptions.cancel_requested_date,
    subscriptions.ends_date,
    subscriptions.mrr_reporting_minor,
    false as is_invoiced
from {{ ref('int_subscriptions') }} as subscriptions
union all
select
    subscription_id,
    account_id,
    valid_from,
    mrr_minor,
    currency,
    'active' as status,
    cast(null as varchar) as plan,
    cast(null as bigint) as seats,
    is_annual,
    cast(0 as double precision) as discount_share,
    valid_from_date,
    valid_to_date,
    cast(null as date) as cancel_requested_date,
    ends_date,
    mrr_reporting_minor,
    true as is_invoiced
from {{ ref('int_invoiced_contracts') }}
