with subscriptions as ({{ union_sources('subscriptions', ['generic', 'demo_billing']) }}),

night as (select * from {{ source('night', 'night') }})

select
    coalesce(subscriptions.subscription_id, {{ resolved_account('subscriptions') }}) as subscription_id,
    {{ resolved_account('subscriptions') }} as account_id,
    subscriptions.valid_from,
    subscriptions.valid_to,
    coalesce(subscriptions.mrr_minor, 0) as mrr_minor,
    coalesce(subscriptions.currency, night.currency) as currency,
    coalesce(subscriptions.status, 'active') as status,
    subscriptions.cancel_requested_at,
    subscriptions.ends_at,
    subscriptions.plan,
    subscriptions.seats,
    coalesce(subscriptions.is_annual, false) as is_annual,
    coalesce(subscriptions.discount_share, 0) as discount_share,
    {{ company_date('subscriptions.valid_from') }} as valid_from_date,
    {{ company_date('subscriptions.valid_to') }} as valid_to_date,
    {{ company_date('subscriptions.cancel_requested_at') }} as cancel_requested_date,
    {{ company_date('subscriptions.ends_at') }} as ends_date,
    -- Null without a rate: currencies are never added as if they were one.
    {{ to_minor('coalesce(subscriptions.mrr_minor, 0) * rates.rate') }} as mrr_reporting_minor
from subscriptions
cross join night
{{ join_account('subscriptions') }}
left join {{ source('night', 'rates') }} as rates on rates.currency = coalesce(subscriptions.currency, night.currency)
where
    subscriptions.account_id is not null
    and subscriptions.valid_from < night.midnight_at
    and (subscriptions.valid_to is null or subscriptions.valid_to > subscriptions.valid_from)
