{{ config(enabled=('demo_crm' in var('vendors'))) }}
-- depends_on: {{ ref('int_replaced_rows') }}
{% if raw_table('crm', 'companies') %}
with companies as ({{ accepted_rows('crm', 'companies', ['id']) }}),

owners as ({{ accepted_rows('crm', 'owners', ['id']) }})

select
    companies.id as account_id,
    trim(companies.name) as account_name,
    {{ parsed_instant('companies.created_at') }} as created_at,
    lower(trim(owners.email)) as owner_email,
    companies.country,
    companies.time_zone as timezone,
    cast(null as varchar) as plan,
    companies.channel,
    cast(null as bigint) as seats,
    companies.type = 'internal' as is_internal
from companies
left join owners on owners.id = companies.owner_id
-- A prospect never bought: nobody whom we could lose.
where companies.type <> 'prospect'
{% else %}
{{ typed_empty('accounts') }}
{% endif %}
