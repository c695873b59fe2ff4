{{ config(enabled=('demo_usage' in var('vendors'))) }}
{% if raw_table('usage', 'events') %}
with events as ({{ accepted_rows('usage', 'events', ['workspace', '"user"', 'feature', 'occurred_at']) }})

select
    workspace as account_id,
    -- The CRM's PER-1 is u00000001 here.
    'PER-' || cast(cast(substr("user", 2) as bigint) as varchar) as contact_id,
    occurred_at,
    received_at as known_at,
    case when feature = 'session.start' then 'login' else 'feature:' || feature end as kind,
    cast("count" as double precision) as value,
    'usage' as source
from events
{% else %}
{{ typed_empty('activity') }}
{% endif %}
