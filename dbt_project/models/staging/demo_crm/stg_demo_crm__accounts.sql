{{ config(enabled=('demo_crm' in var('vendors'))) }}
{% if raw_table('crm', 'companies') %}
with companies as ({{ accepted_rows('crm', 'companies', ['id']) }}),

owners as ({{ accepted_rows('crm', 'owners', ['id']) }})

select
    companies.id as account_id,
    trim(companies.name) as account_name,
    {{ parsed_instant('companies.created_at') }} as created_at,
    lower(trim(owners.email)) as owner_email,
    companies.country,
    companies.timezone,
    cast(null as varchar) as plan,
    companies.channel,
    cast(null as bigint) as seats,
    -- Not every test account was flagged; the rest were named by the same habit.
    companies.is_test = 1 or lower(companies.name) like 'test %' or lower(companies.name) like '% (test)' as is_internal
from companies
left join owners on owners.id = companies.owner_id
{% else %}
{{ typed_empty('accounts') }}
{% endif %}
