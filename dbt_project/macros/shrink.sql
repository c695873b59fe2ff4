{# A quantile of an account's gaps, shrunk towards the company's: few gaps say little, so that the company's own weighs as
   much as three of them. #}
{% macro shrunk(own, gaps, company) -%}
    {{ rounded('(' ~ gaps ~ ' * coalesce(' ~ own ~ ', 0) + 3 * ' ~ company ~ ') / (' ~ gaps ~ ' + 3.0)', 2) }}
{%- endmacro %}

{# The date of a working day so many after the day; beyond the year ahead that is laid out, a week has its working days. #}
{% macro due_date(found, due_working_days) -%}
    coalesce(
        {{ found }}.calendar_date,
        {{ add_days('population.as_of', 'round(' ~ due_working_days ~ ' * 7.0 / weeks.working_days_a_week, 0)') }}
    )
{%- endmacro %}

{# The account's age in days when it reached a milestone; null while it has not, as far as was known on the day. #}
{% macro age_reached(reached_date) -%}
    cast(case when {{ reached_date }} <= population.as_of then {{ days_between('population.created_date', reached_date) }} end as integer)
{%- endmacro %}
