{{ config(enabled=('demo_billing' in var('vendors'))) }}
-- depends_on: {{ ref('int_replaced_rows') }}
{% if raw_table('billing', 'invoices') %}
with invoices as ({{ accepted_rows('billing', 'invoices', ['id']) }}),

refunded as (
    {% if raw_table('billing', 'refunds') %}
    select
        invoice,
        cast(sum(amount) as bigint) as refunded_minor
    from ({{ accepted_rows('billing', 'refunds', ['id']) }}) as refunds
    group by invoice
    {% else %}
    select
        cast(null as varchar) as invoice,
        cast(null as bigint) as refunded_minor
    where false
    {% endif %}
)

select
    invoices.id as invoice_id,
    invoices.customer as account_id,
    {{ from_epoch_seconds('invoices.issued') }} as issued_at,
    {{ from_epoch_seconds('invoices.due') }} as due_at,
    {{ from_epoch_seconds('invoices.paid') }} as paid_at,
    invoices.amount as amount_minor,
    coalesce(refunded.refunded_minor, 0) as refunded_minor,
    upper(invoices.currency) as currency,
    invoices.status,
    -- Contracts are in subscription_periods; invoices need not tell them again.
    cast(null as date) as covers_from,
    cast(null as date) as covers_to,
    {% if raw_has('billing', 'invoices', 'coupon') -%}
    nullif(trim(invoices.coupon), '') as coupon,
    {%- else -%}
    cast(null as varchar) as coupon,
    {%- endif %}
    {% if raw_has('billing', 'invoices', 'discount') -%}
    cast(invoices.discount as bigint) as discount_minor
    {%- else -%}
    cast(null as bigint) as discount_minor
    {%- endif %}
from invoices
left join refunded on refunded.invoice = invoices.id
{% else %}
{{ typed_empty('invoices') }}
{% endif %}
