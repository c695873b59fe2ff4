{{ config(enabled=('demo_billing' in var('vendors'))) }}
-- Failed attempts to collect, and refunds; their value is the amount in minor units of the reporting currency.
{% if raw_table('billing', 'payments') %}
select
    customer as account_id,
    cast(null as varchar) as contact_id,
    {{ from_epoch_seconds('attempted_at') }} as occurred_at,
    {{ from_epoch_seconds('attempted_at') }} as known_at,
    'payment_failed' as kind,
    cast({{ to_minor('payments.amount * rates.rate') }} as double precision) as value,
    'billing' as source,
    _dlt_id as row_id,
    _dlt_load_id as load_id
from ({{ accepted_versions('billing', 'payments') }}) as payments
left join {{ source('night', 'rates') }} as rates on rates.currency = upper(payments.currency)
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
    cast({{ to_minor('refunds.amount * rates.rate') }} as double precision) as value,
    'billing' as source,
    _dlt_id as row_id,
    _dlt_load_id as load_id
from ({{ accepted_versions('billing', 'refunds') }}) as refunds
left join {{ source('night', 'rates') }} as rates on rates.currency = upper(refunds.currency)
union all
{% endif %}
{{ typed_empty('activity') }}
