{{ config(enabled=('demo_crm' in var('vendors'))) }}
-- depends_on: {{ ref('int_replaced_rows') }}
{% if raw_table('crm', 'people') %}
with people as ({{ accepted_rows('crm', 'people', ['id']) }})

select
    id as contact_id,
    company_id as account_id,
    nullif(lower(trim(email)), '') as email,
    nullif(trim(first_name), '') as first_name,
    language as locale,
    time_zone as timezone,
    -- Who unsubscribed says no, whatever the box said; an empty box is unknown.
    case
        when unsubscribed_at is not null then false
        when marketing_consent = 'yes' then true
        when marketing_consent = 'no' then false
    end as marketing_consent,
    {{ parsed_instant('consent_at') }} as consent_at,
    case role
        when 'Champion' then 'champion' when 'Billing contact' then 'billing' when 'Admin' then 'admin' else 'user'
    end as role,
    is_active = 1 as is_active,
    {{ parsed_instant('created_at') }} as added_at,
    {% if raw_has('crm', 'people', 'inactive_since') -%}
    {{ parsed_instant('inactive_since') }} as removed_at
    {%- else -%}
    cast(null as timestamp) as removed_at
    {%- endif %}
from people
{% else %}
{{ typed_empty('contacts') }}
{% endif %}
