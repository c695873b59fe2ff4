{{ config(enabled=('demo_usage' in var('vendors'))) }}
{% if raw_table('usage', 'events') %}
with events as ({{ accepted_versions('usage', 'events') }})

select
    -- The CRM's ACC-000123 is eu1/acc123 here, its P-0000045 is u45.
    'ACC-' || lpad(substr(workspace, strpos(workspace, '/acc') + 4), 6, '0') as account_id,
    'P-' || lpad(substr("user", 2), 7, '0') as contact_id,
    {{ instant_utc("occurred_at") }} as occurred_at,
    {{ instant_utc("received_at") }} as known_at,
    case when feature = 'login' then 'login' else 'feature:' || feature end as kind,
    cast("count" as double precision) as value,
    'usage' as source,
    _dlt_id as row_id,
    _dlt_load_id as load_id
from events
{% else %}
{{ typed_empty('activity') }}
{% endif %}
