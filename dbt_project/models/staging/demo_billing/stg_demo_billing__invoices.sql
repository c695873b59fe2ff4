{{ config(enabled=('demo_billing' in var('vendors'))) }}
{% if raw_table('billing', 'invoices') %}
with invoices as ({{ accepted_rows('billing', 'invoices', ['id']) }})

select
    id as invoice_id,
    customer as account_id,
    {{ from_epoch_seconds('issued') }} as issued_at,
    {{ from_epoch_seconds('due') }} as due_at,
    {{ from_epoch_seconds('paid_at') }} as paid_at,
    amount_minor,
    refunded_minor,
    upper(currency) as currency,
    status
from invoices
{% else %}
{{ typed_empty('invoices') }}
{% endif %}
