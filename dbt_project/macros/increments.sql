{# What a night keeps of the last one's work. stillhere/warehouse/increments.py compares what was built with what is to be
   built, writes schema `night` accordingly, and asks for --full-refresh where nothing can be kept; these macros follow
   that table, so that a plain `dbt run` is right as well. #}

{# Whether tonight only changes what the last night built. #}
{% macro is_increment() %}
    {% set increment = source('night', 'increment') %}
    {% if not execute or flags.FULL_REFRESH %}{{ return(false) }}{% endif %}
    {{ return(not run_query('select is_full from ' ~ increment).rows[0][0]) }}
{% endmacro %}

{# The same for a model that keeps its rows. #}
{% macro keeps_rows() %}{{ return(is_increment() and is_incremental()) }}{% endmacro %}

{# Whether the panel's cut-offs are computed tonight. #}
{% macro has_cutoffs() %}
    {% set cutoffs = source('night', 'cutoffs') %}
    {% if not execute %}{{ return(true) }}{% endif %}
    {{ return(run_query('select count(*) from ' ~ cutoffs).rows[0][0] > 0) }}
{% endmacro %}

{# The ids of tonight's new loads as a list of literals: read from a table, they would not let the engine skip the rest. #}
{% macro new_load_ids() %}
    {% set new_loads = source('night', 'new_loads') %}
    {% set literals = [] %}
    {% if execute %}
        {% for row in run_query('select distinct load_id from ' ~ new_loads ~ ' order by load_id').rows %}
            {% do literals.append("'" ~ row[0] ~ "'") %}
        {% endfor %}
    {% endif %}
    {#- An id that no load has stands for none; beside others it would keep the engine from skipping. -#}
    {{ return(literals | join(', ') or "''") }}
{% endmacro %}

{# Before a full build without --full-refresh: the rows of before go. #}
{% macro forget_rows(is_kept) %}
    {%- if is_incremental() and not is_kept %}delete from {{ this }}{% endif -%}
{% endmacro %}

{# After a change: rows that nothing is left of go. #}
{% macro remove_rows(condition) %}
    {%- if is_incremental() %}delete from {{ this }} where {{ condition }}{% endif -%}
{% endmacro %}

{# A table as the last night left it, read without an edge in the graph: the model that keeps it is built from the reader. #}
{% macro kept(name) %}{{ return(adapter.get_relation(database=this.database, schema=this.schema, identifier=name)) }}{% endmacro %}

{# Whether a table that is built by now has any row of a kind. Most nights no account was merged and no event replaced: a
   statement that leaves out what looks for them need not read the whole history to find nothing. #}
{% macro has_rows(relation, condition='true') %}
    {% if not execute %}{{ return(true) }}{% endif %}
    {{ return(run_query('select 1 as found from ' ~ relation ~ ' where ' ~ condition ~ ' limit 1').rows | length > 0) }}
{% endmacro %}

{# Whether a replaced row may be an event: not when sources.yml maps its table to something else alone. #}
{% macro may_be_event() %}
    {% set mapping = var('mapping') %}
    {% set tables_with_events = [] %}
    {% for entry in mapping.get('activity', []) %}{% do tables_with_events.append((entry.source, entry.resource)) %}{% endfor %}
    {% set conditions = ['true'] %}
    {% for entries in mapping.values() %}
        {% for entry in entries if (entry.source, entry.resource) not in tables_with_events %}
            {% do conditions.append("not (source = '" ~ entry.source ~ "' and resource = '" ~ entry.resource ~ "')") %}
        {% endfor %}
    {% endfor %}
    {{ return(conditions | unique | join(' and ')) }}
{% endmacro %}

{# What a day's count is made of, one row per event that is a habit; the count and these add up. Hours of the day add up as
   points on a 24-hour clock (UTC): 23 and 1 o'clock make midnight, not noon. `sign` is -1 for what is taken away. #}
{% macro counted_events(relation, condition, sign=1) %}
    select
        events.account_id,
        events.activity_date,
        coalesce(events.contact_id, '') as contact_id,
        events.kind,
        events.known_date,
        {{ sign }} as events,
        {{ sign }} * case when events.kind = 'order' then cast(events.value as decimal(18, 0)) end as ordered_minor,
        {{ sign }} * case when {{ has_time_of_day('events.occurred_at', 'events.activity_date') }} then clock.x_thousandths end as clock_x_thousandths,
        {{ sign }} * case when {{ has_time_of_day('events.occurred_at', 'events.activity_date') }} then clock.y_thousandths end as clock_y_thousandths
    from {{ relation }} as events
    left join ({{ clock_points() }}) as clock on clock.hour_of_day = extract(hour from events.occurred_at)
    where {{ is_habit('events.kind') }} and {{ condition }}
{% endmacro %}

{# Counted events by account, day, person and kind, and by the day on which they were known. #}
{% macro added_up(counted) %}
    select
        account_id,
        activity_date,
        contact_id,
        kind,
        known_date,
        cast(sum(events) as bigint) as events,
        cast(coalesce(sum(ordered_minor), 0) as bigint) as ordered_minor,
        cast(coalesce(sum(clock_x_thousandths), 0) as bigint) as clock_x_thousandths,
        cast(coalesce(sum(clock_y_thousandths), 0) as bigint) as clock_y_thousandths
    from {{ counted }}
    group by account_id, activity_date, contact_id, kind, known_date
{% endmacro %}
