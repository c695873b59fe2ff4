with subscriptions as ({{ union_sources('subscriptions', ['generic', 'demo_billing']) }}),

night as (select * from {{ source('night', 'night') }}),

-- What had begun by the night.
known as (
    select
        subscriptions.*,
        case
            when subscriptions.status in ('canceled', 'cancelled', 'ended', 'expired', 'incomplete_expired') then 'canceled'
            when subscriptions.status in ('trialing', 'trial', 'in_trial') then 'trialing'
            when subscriptions.status in ('paused', 'on_hold') then 'paused'
            else coalesce(subscriptions.status, 'active')
        end as known_status
    from subscriptions
    cross join night
    where subscriptions.account_id is not null and subscriptions.valid_from < night.midnight_at
),

-- A row without an end ends where the next one of its subscription begins.
begun as (
    select known.*, coalesce(known.valid_to, followed.next_valid_from) as ends_at_last
    from known
    left join {{ ref('int_followed_terms') }} as followed
        on followed.subscription_id = known.subscription_id and followed.valid_from = known.valid_from
)

select
    -- Text costs more to write than to work out: what is as usual is null here, and filled in by int_subscriptions.
    nullif(begun.subscription_id, {{ resolved_account('begun') }}) as own_subscription_id,
    {{ resolved_account('begun') }} as account_id,
    begun.valid_from,
    coalesce(begun.mrr_minor, 0) as mrr_minor,
    nullif(begun.currency, night.currency) as other_currency,
    nullif(begun.known_status, 'active') as other_status,
    -- A trial, a pause and a contract that nobody pays any more are no recurring revenue; a payment that is retried is.
    begun.known_status not in ('canceled', 'trialing', 'paused', 'unpaid', 'suspended', 'incomplete') as is_paid,
    begun.plan,
    begun.seats,
    coalesce(begun.is_annual, false) as is_annual,
    coalesce(begun.discount_share, 0) as discount_share,
    {{ company_date('begun.valid_from') }} as valid_from_date,
    {{ company_date('begun.ends_at_last') }} as valid_to_date,
    {{ company_date('begun.cancel_requested_at') }} as cancel_requested_date,
    {{ company_date('begun.ends_at') }} as ends_date,
    -- Null without a rate: currencies are never added as if they were one.
    {{ at_rate('coalesce(begun.mrr_minor, 0)', 'rates.rate') }} as mrr_reporting_minor
from begun
cross join night
{{ join_account('begun') }}
left join {{ source('night', 'rates') }} as rates on rates.currency = coalesce(begun.currency, night.currency)
where begun.ends_at_last is null or begun.ends_at_last > begun.valid_from
