{{ config(materialized='view') }}
with events as ({{ union_sources('activity', ['generic', 'demo_usage', 'demo_crm', 'demo_billing']) }})

select
    {{ resolved_account('events') }} as account_id,
    events.contact_id,
    events.occurred_at,
    coalesce(events.known_at, events.occurred_at) as known_at,
    coalesce(events.kind, 'event') as kind,
    events.value,
    events.source,
    {{ company_date('events.occurred_at') }} as activity_date,
    -- Most are known when they occur: their day is worked out once.
    case
        when events.known_at is null or events.known_at = events.occurred_at then {{ company_date('events.occurred_at') }}
        else {{ company_date('events.known_at') }}
    end as known_date,
    events.row_id,
    events.load_id
from events
{{ join_account('events') }}
where events.account_id is not null and events.occurred_at is not null
