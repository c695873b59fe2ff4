{{ config(enabled=('demo_billing' in var('vendors'))) }}
-- depends_on: {{ ref('int_replaced_rows') }}
-- A billing customer's account: by the number in its hand-typed reference, else by the domain of its address.
{% if raw_table('billing', 'customers') and raw_table('crm', 'companies') and 'demo_crm' in var('vendors') %}
with customers as ({{ accepted_rows('billing', 'customers', ['id']) }}),

companies as ({{ accepted_rows('crm', 'companies', ['id']) }}),

numbered as (
    select
        id as account_id,
        cast(substr(id, 5) as bigint) as account_number
    from companies
),

-- A duplicate that nobody has merged yet has the same domain; the older id is the customer.
addressed as (
    select
        domain,
        min(id) as account_id
    from companies
    where merged_into is null and type = 'customer'
    group by domain
),

referenced as (
    select
        id,
        {{ digits('external_ref') }} as account_number,
        lower(trim(substr(email, strpos(email, '@') + 1))) as domain
    from customers
)

select
    referenced.id as account_key,
    coalesce(numbered.account_id, addressed.account_id) as account_id
from referenced
left join numbered on numbered.account_number = referenced.account_number
left join addressed on numbered.account_id is null and addressed.domain = referenced.domain
where coalesce(numbered.account_id, addressed.account_id) is not null
{% else %}
{{ typed_empty('account_keys') }}
{% endif %}
