-- Knows no night. What is looked at one by one: tickets, calls, failed payments, refunds.
{{ config(
    materialized='incremental',
    unique_key=['row_id'],
    incremental_strategy='delete+insert',
    pre_hook="{{ forget_rows(keeps_rows()) }}",
    post_hook="{{ remove_rows('kind is null') }}",
) }}
{% set keeps = keeps_rows() %}
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
    row_id
from {{ ref('int_events') }}
where
    not {{ is_habit('kind') }}
    {% if keeps %}
    and load_id in ({{ new_load_ids() }})
{% if has_rows(ref('int_moved_accounts')) %}
union all
-- In one condition with the loads, this would have every event read each night.
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
    row_id
from {{ ref('int_events') }}
where
    not {{ is_habit('kind') }}
    and load_id not in ({{ new_load_ids() }})
    and account_id in (select account_id from {{ ref('int_moved_accounts') }})
{% endif %}
union all
select
    cast(null as varchar) as account_id,
    cast(null as varchar) as contact_id,
    cast(null as timestamp) as occurred_at,
    cast(null as timestamp) as known_at,
    cast(null as varchar) as kind,
    cast(null as double precision) as value,
    cast(null as varchar) as source,
    cast(null as date) as activity_date,
    cast(null as date) as known_date,
    row_id
from {{ ref('int_newly_replaced_rows') }}
where was_counted
    {% else %}
    -- depends_on: {{ ref('int_moved_accounts') }}, {{ ref('int_newly_replaced_rows') }}
    {% endif %}
