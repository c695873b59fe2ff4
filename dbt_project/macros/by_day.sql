{# A table that is built one day of `as_of` after the other: a million accounts on seventeen days do not fit in memory at
   once, and a literal day lets the engine read no more than that day needs. The newest day comes first: its rows tell
   whether all others fit, for where they do, one statement is faster than sixteen. The model's own SQL gives all of them.
   Config `days`: `all` (the night and its past cut-offs), `night`, or `cutoffs`; a night without cut-offs leaves a table
   of cut-offs as it is. #}
{% materialization by_day, default %}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target = this.incorporate(type='table') -%}
    {%- set building = make_intermediate_relation(target) -%}
    {%- set days = days_to_build(config.get('days', 'all')) -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {% if days or not existing or config.get('days') != 'cutoffs' %}
        {% do drop_relation_if_exists(load_cached_relation(building)) %}
        {% call statement('main') %}
            {{ create_table_as(False, building, rows_where(compiled_code, "as_of = date '" ~ days[0] ~ "'" if days else 'false')) }}
        {% endcall %}
        {% set fit_at_once = fits_at_once(building, days | length) %}
        {% for day in days[1:] if not fit_at_once %}
            {% call statement('day_' ~ loop.index) %}insert into {{ building }} {{ rows_where(compiled_code, "as_of = date '" ~ day ~ "'") }}{% endcall %}
        {% endfor %}
        {% if days | length > 1 and fit_at_once %}
            {% call statement('days') %}insert into {{ building }} {{ rows_where(compiled_code, "as_of < date '" ~ days[0] ~ "'") }}{% endcall %}
        {% endif %}
        {% do drop_relation_if_exists(existing) %}
        {% do adapter.rename_relation(building, target) %}
    {% else %}
        {% call statement('main') %}select 'the table stays' as what{% endcall %}
    {% endif %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do adapter.commit() %}
    {{ run_hooks(post_hooks, inside_transaction=False) }}

    {{ return({'relations': [target]}) }}
{% endmaterialization %}

{# The rows of a query that meet a condition. #}
{% macro rows_where(query, condition) -%}
    select * from (
{{ query }}
) as days where {{ condition }}
{%- endmacro %}

{# Whether so many days like the one that a table holds can be built at once: two million rows take some three gigabytes. #}
{% macro fits_at_once(relation, days) %}
    {% set rows_a_day = run_query('select count(*) as rows_a_day from ' ~ relation).columns[0].values()[0] | int %}
    {{ return(rows_a_day * days <= 2000000) }}
{% endmacro %}

{# The days of `as_of` of tonight's build, newest first. #}
{% macro days_to_build(which) %}
    {% set night = 'select as_of as day from ' ~ source('night', 'night') %}
    {% set cutoffs = 'select cutoff as day from ' ~ source('night', 'cutoffs') %}
    {% set found = {'all': night ~ ' union ' ~ cutoffs, 'night': night, 'cutoffs': cutoffs}[which] %}
    {{ return(run_query(found ~ ' order by day desc').columns[0].values()) }}
{% endmacro %}
