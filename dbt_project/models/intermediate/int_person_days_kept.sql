-- Knows no night: what each night reads of it is in int_person_days.
{{ config(
    materialized='incremental',
    unique_key=['account_id', 'activity_date', 'contact_id', 'kind', 'known_date'],
    incremental_strategy='delete+insert',
    pre_hook="{{ forget_rows(keeps_rows()) }}",
    post_hook="{{ remove_rows('events = 0') }}",
) }}
{% if keeps_rows() %}
select
    changes.account_id,
    changes.activity_date,
    changes.contact_id,
    changes.kind,
    changes.known_date,
    coalesce(kept.events, 0) + changes.events as events,
    coalesce(kept.ordered_minor, 0) + changes.ordered_minor as ordered_minor,
    coalesce(kept.clock_x_thousandths, 0) + changes.clock_x_thousandths as clock_x_thousandths,
    coalesce(kept.clock_y_thousandths, 0) + changes.clock_y_thousandths as clock_y_thousandths
from {{ ref('int_person_day_changes') }} as changes
left join {{ this }} as kept
    on
        kept.account_id = changes.account_id
        and kept.activity_date = changes.activity_date
        and kept.contact_id = changes.contact_id
        and kept.kind = changes.kind
        and kept.known_date = changes.known_date
{% else %}
-- depends_on: {{ ref('int_person_day_changes') }}
{{ added_up('(' ~ counted_events(ref('int_events'), 'true') ~ ') as counted') }}
-- Cadence reads the last months before a day: in order of days an engine finds them without reading the others.
order by activity_date
{% endif %}
