{{ config(enabled=('demo_billing' in var('vendors'))) }}
{% if raw_table('billing', 'subscription_periods') %}
with periods as ({{ accepted_rows('billing', 'subscription_periods', ['id']) }})

select
    subscription as subscription_id,
    customer as account_id,
    {{ from_epoch_seconds('period_start') }} as valid_from,
    {{ from_epoch_seconds('period_end') }} as valid_to,
    -- Nothing is paid in a trial or a pause; a year's price is spread over its months.
    case
        when status in ('trialing', 'paused') then 0
        else {{ to_minor("cast(amount_minor as decimal(18, 0)) * (100 - discount_percent) / (case when interval = 'year' then 1200 else 100 end)") }}
    end as mrr_minor,
    upper(currency) as currency,
    -- 'canceled' marks a period that has ended; the day it did is valid_to, and until then it was in force.
    case when status = 'canceled' then 'active' else status end as status,
    {{ from_epoch_seconds('cancel_requested_at') }} as cancel_requested_at,
    {{ from_epoch_seconds('term_ends_at') }} as ends_at,
    plan,
    seats,
    interval = 'year' as is_annual,
    cast(discount_percent as double precision) / 100 as discount_share
from periods
{% else %}
{{ typed_empty('subscriptions') }}
{% endif %}
