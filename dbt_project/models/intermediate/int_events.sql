{{ config(materialized='view') }}
select
    account_id,
    contact_id,
    occurred_at,
    known_at,
    kind,
    value,
    source,
    activity_date,
    known_date,
    row_id,
    load_id
from {{ ref('int_event_versions') }}
{% if keyed_tables() %}
{#- Not `not exists`, as in `accepted_versions`. #}
where row_id not in (select row_id from {{ ref('int_replaced_rows') }} where row_id is not null)
{% endif %}
