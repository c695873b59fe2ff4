{{ config(enabled=('demo_crm' in var('vendors'))) }}
-- Every spelling the CRM knows of an account, merged ones included, and the id that survives.
{% if raw_table('crm', 'companies') %}
with companies as ({{ accepted_rows('crm', 'companies', ['id']) }}),

survivors as (
    select id, workspace, coalesce(merged_into, id) as account_id from companies
)

select id as account_key, account_id from survivors
union all
select workspace as account_key, account_id from survivors where workspace is not null
{% else %}
{{ typed_empty('account_keys') }}
{% endif %}
