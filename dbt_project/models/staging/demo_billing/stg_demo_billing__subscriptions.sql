{{ config(enabled=('demo_billing' in var('vendors'))) }}
-- depends_on: {{ ref('int_replaced_rows') }}
{% if raw_table('billing', 'subscription_periods') %}
with periods as ({{ accepted_rows('billing', 'subscription_periods', ['id']) }})

select
    subscription as subscription_id,
    customer as account_id,
    {{ from_epoch_seconds('starts') }} as valid_from,
    {{ from_epoch_seconds('ends') }} as valid_to,
    -- A year's price is spread over its months; it is always whole. A pause costs nothing.
    {{ to_minor("cast(amount as decimal(18, 0)) / (case when interval = 'year' then 12 else 1 end)") }} as mrr_minor,
    upper(currency) as currency,
    status,
    {{ from_epoch_seconds('cancel_requested') }} as cancel_requested_at,
    -- When access can next end: as cancelled, else with the term; a monthly contract ends any month.
    {{ from_epoch_seconds('coalesce(cancel_at, term_ends)') }} as ends_at,
    -- `team-eur` is the plan Team, priced in euros.
    split_part(plan, '-', 1) as plan,
    cast(quantity as bigint) as seats,
    interval = 'year' as is_annual,
    cast(discount_percent as double precision) / 100 as discount_share
from periods
{% else %}
{{ typed_empty('subscriptions') }}
{% endif %}
