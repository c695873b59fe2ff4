-- What tonight's loads add to the counts, and what they take away: a row that is replaced, an account that is merged.
{% if is_increment() %}
{% set moved = '(select account_id from ' ~ ref('int_moved_accounts') ~ ')' %}
{% set replaced = '(select row_id from ' ~ ref('int_newly_replaced_rows') ~ ' where was_counted)' %}
with changes as (
    {{ counted_events(ref('int_events'), 'load_id in (' ~ new_load_ids() ~ ') and account_id not in ' ~ moved) }}
    {% if has_rows(ref('int_newly_replaced_rows'), 'was_counted and ' ~ may_be_event()) %}
    union all
    {{ counted_events(ref('int_event_versions'), 'row_id in ' ~ replaced ~ ' and account_id not in ' ~ moved, sign=-1) }}
    {% endif %}
    {% if has_rows(ref('int_moved_accounts')) %}
    union all
    {{ counted_events(ref('int_events'), 'account_id in ' ~ moved) }}
    union all
    select
        account_id, activity_date, contact_id, kind, known_date, -events as events, -ordered_minor as ordered_minor,
        -clock_x_thousandths as clock_x_thousandths, -clock_y_thousandths as clock_y_thousandths
    from {{ kept('int_person_days_kept') }}
    where account_id in {{ moved }}
    {% endif %}
),

summed as (
    {{ added_up('changes') }}
)

select * from summed where events <> 0 or ordered_minor <> 0 or clock_x_thousandths <> 0 or clock_y_thousandths <> 0
{% else %}
-- depends_on: {{ ref('int_event_versions') }}, {{ ref('int_moved_accounts') }}, {{ ref('int_newly_replaced_rows') }}
select
    account_id,
    activity_date,
    contact_id,
    kind,
    known_date,
    cast(0 as bigint) as events,
    cast(0 as bigint) as ordered_minor,
    cast(0 as bigint) as clock_x_thousandths,
    cast(0 as bigint) as clock_y_thousandths
from {{ ref('int_events') }}
where false
{% endif %}
