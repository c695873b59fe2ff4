{{ config(materialized='view') }}
select
    coalesce(stored.own_subscription_id, stored.account_id) as subscription_id,
    stored.account_id,
    stored.valid_from,
    stored.mrr_minor,
    coalesce(stored.other_currency, night.currency) as currency,
    coalesce(stored.other_status, 'active') as status,
    stored.is_paid,
    stored.plan,
    stored.seats,
    stored.is_annual,
    stored.discount_share,
    stored.valid_from_date,
    stored.valid_to_date,
    stored.cancel_requested_date,
    stored.ends_date,
    stored.mrr_reporting_minor
from {{ ref('int_subscriptions_stored') }} as stored
cross join {{ source('night', 'night') }} as night
