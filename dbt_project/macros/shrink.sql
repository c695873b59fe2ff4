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

{# Of the working days that a window of 28 days would have, the share on which the company was open; null where the calendar
   does not reach. The window ends so many days before the day. #}
{% macro open_share(as_of, ended_days_before) -%}
    {%- set in_window -%}
        calendar.calendar_date <= {{ add_days(as_of, -ended_days_before) }} and calendar.calendar_date > {{ add_days(as_of, -ended_days_before - 28) }}
    {%- endset -%}
    cast(count(*) filter (where calendar.day_kind = 'working' and {{ in_window }}) as double precision) / nullif(count(*) filter (where {{ in_window }}), 0)
{%- endmacro %}

{# A count of active days against an earlier one, each with one day more, so that few say little. Where the company was open
   less in one window, the other counts for as much of its days: nobody declines by a holiday. #}
{% macro trend(now, open_share_now, before, open_share_before) -%}
    {{ ratio(
        'coalesce(' ~ now ~ ', 0) * ' ~ brought_to_the_shorter(open_share_now, open_share_before) ~ ' + 1',
        'coalesce(' ~ before ~ ', 0) * ' ~ brought_to_the_shorter(open_share_before, open_share_now) ~ ' + 1'
    ) }}
{%- endmacro %}

{% macro brought_to_the_shorter(own, other) -%}
    coalesce(case when {{ own }} > {{ other }} then {{ other }} / {{ own }} end, 1)
{%- endmacro %}
