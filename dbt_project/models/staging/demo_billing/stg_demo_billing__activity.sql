{{ config(enabled=('demo_billing' in var('vendors'))) }}
-- Failed attempts to collect, and refunds; their value is the amount in minor units of the invoice's currency.
{% if raw_table('billing', 'payments') %}
select
    customer as account_id,
    cast(null as varchar) as contact_id,
    {{ from_epoch_seconds('attempted_at') }} as occurred_at,
    {{ from_epoch_seconds('attempted_at') }} as known_at,
    'payment_failed' as kind,
    cast(amount as double precision) as value,
    'billing' as source
from ({{ accepted_rows('billing', 'payments', ['id']) }}) as payments
where status = 'failed'
union all
{% endif %}
{% if raw_table('billing', 'refunds') %}
select
    customer as account_id,
    cast(null as varchar) as contact_id,
    {{ from_epoch_seconds('refunded_at') }} as occurred_at,
    {{ from_epoch_seconds('refunded_at') }} as known_at,
    'refund' as kind,
    cast(amount as double precision) as value,
    'billing' as source
from ({{ accepted_rows('billing', 'refunds', ['id']) }}) as refunds
union all
{% endif %}
{{ typed_empty('activity') }}
