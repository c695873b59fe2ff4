{# A table that is built one day of `as_of` after the other: a million accounts on seventeen days do not fit in memory at
   once, and a literal day lets the engine read no more than that day needs. The model's own SQL gives all of them.
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
            {{ create_table_as(False, building, of_day(compiled_code, days[0] if days else none)) }}
        {% endcall %}
        {% for day in days[1:] %}
            {% call statement('day_' ~ loop.index) %}insert into {{ building }} {{ of_day(compiled_code, day) }}{% endcall %}
        {% endfor %}
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

{# The rows of one day of a query; none without a day. #}
{% macro of_day(query, day) -%}
    select * from (
{{ query }}
) as days where {% if day %}as_of = date '{{ day }}'{% else %}false{% endif %}
{%- endmacro %}

{# The days of `as_of` of tonight's build, oldest first. #}
{% macro days_to_build(which) %}
    {% set night = 'select as_of as day from ' ~ source('night', 'night') %}
    {% set cutoffs = 'select cutoff as day from ' ~ source('night', 'cutoffs') %}
    {% set found = {'all': night ~ ' union ' ~ cutoffs, 'night': night, 'cutoffs': cutoffs}[which] %}
    {{ return(run_query(found ~ ' order by day').columns[0].values()) }}
{% endmacro %}
