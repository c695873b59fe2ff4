{{ config(enabled=('demo_crm' in var('vendors'))) }}
-- depends_on: {{ ref('int_replaced_rows') }}
-- Every id the CRM knows of an account, merged ones included, and the id that survives.
{% if raw_table('crm', 'companies') %}
with companies as ({{ accepted_rows('crm', 'companies', ['id']) }})

select
    id as account_key,
    coalesce(merged_into, id) as account_id
from companies
{% else %}
{{ typed_empty('account_keys') }}
{% endif %}
