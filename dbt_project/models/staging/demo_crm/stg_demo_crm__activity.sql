{{ config(enabled=('demo_crm' in var('vendors'))) }}
-- Calls that reached somebody, and tickets: opening, first answer and closing are events of their own, their value the ticket's number.
{% if raw_table('crm', 'calls') %}
select
    company_id as account_id,
    person_id as contact_id,
    {{ parsed_instant('called_at') }} as occurred_at,
    {{ parsed_instant('called_at') }} as known_at,
    'call' as kind,
    cast(1 as double precision) as value,
    'crm' as source,
    _dlt_id as row_id,
    _dlt_load_id as load_id
from ({{ accepted_versions('crm', 'calls') }}) as calls
where outcome = 'reached'
union all
{% endif %}
{% if raw_table('crm', 'tickets') %}
select
    company_id as account_id,
    person_id as contact_id,
    {{ parsed_instant('opened_at') }} as occurred_at,
    {{ parsed_instant('opened_at') }} as known_at,
    'ticket' as kind,
    cast(substr(id, 3) as double precision) as value,
    'crm' as source,
    _dlt_id as row_id,
    _dlt_load_id as load_id
from ({{ accepted_versions('crm', 'tickets') }}) as opened
{% if raw_has('crm', 'tickets', 'answered_at') %}
union all
select
    company_id as account_id,
    cast(null as varchar) as contact_id,
    {{ parsed_instant('answered_at') }} as occurred_at,
    {{ parsed_instant('answered_at') }} as known_at,
    'ticket_answered' as kind,
    cast(substr(id, 3) as double precision) as value,
    'crm' as source,
    _dlt_id as row_id,
    _dlt_load_id as load_id
from ({{ accepted_versions('crm', 'tickets') }}) as answered
where answered_at is not null
{% endif %}
union all
select
    company_id as account_id,
    cast(null as varchar) as contact_id,
    {{ parsed_instant('closed_at') }} as occurred_at,
    {{ parsed_instant('closed_at') }} as known_at,
    'ticket_closed' as kind,
    cast(substr(id, 3) as double precision) as value,
    'crm' as source,
    _dlt_id as row_id,
    _dlt_load_id as load_id
from ({{ accepted_versions('crm', 'tickets') }}) as closed
where closed_at is not null
union all
{% endif %}
{{ typed_empty('activity') }}
