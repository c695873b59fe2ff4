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
from {{ ref('int_event_versions') }} as versions
{% if keyed_tables() %}
where not exists (select 1 from {{ ref('int_replaced_rows') }} as replaced where replaced.row_id = versions.row_id)
{% endif %}
