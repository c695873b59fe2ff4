{{ config(enabled=('demo_billing' in var('vendors'))) }}
-- A billing customer's account: by the number in its hand-typed reference, else by an address that one account has.
{% if raw_table('billing', 'customers') and 'demo_crm' in var('vendors') %}
with customers as ({{ accepted_rows('billing', 'customers', ['id']) }}),

accounts as (
    select account_id from {{ ref('stg_demo_crm__accounts') }}
),

survivors as (
    select account_key, account_id from {{ ref('stg_demo_crm__account_keys') }}
),

numbered as (
    select
        survivors.account_id,
        cast(replace(accounts.account_id, 'ACC-', '') as bigint) as account_number
    from accounts
    inner join survivors on survivors.account_key = accounts.account_id
),

addressed as (
    select
        contacts.email,
        min(survivors.account_id) as account_id
    from {{ ref('stg_demo_crm__contacts') }} as contacts
    inner join survivors on survivors.account_key = contacts.account_id
    where contacts.email is not null
    group by contacts.email
    having count(distinct survivors.account_id) = 1
)

select
    customers.id as account_key,
    coalesce(numbered.account_id, addressed.account_id) as account_id
from customers
left join numbered
    on numbered.account_number = cast(nullif(regexp_replace(customers.crm_reference, '[^0-9]', '', 'g'), '') as bigint)
left join addressed on numbered.account_id is null and addressed.email = lower(trim(customers.email))
where coalesce(numbered.account_id, addressed.account_id) is not null
{% else %}
{{ typed_empty('account_keys') }}
{% endif %}
