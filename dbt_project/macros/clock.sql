{# The hours of a day as points on a 24-hour clock, one row an hour, in thousandths of its radius; each stands for its
   middle. They are numbers here, for a sine of each of a hundred million events would cost more than counting them. #}
{% macro clock_points() %}
    {% set cosines = [991, 924, 793, 609, 383, 131, -131, -383, -609, -793, -924, -991] %}
    {% for hour in range(24) -%}
        select
            {{ hour }} as hour_of_day,
            {{ cosines[hour] if hour < 12 else cosines[23 - hour] }} as x_thousandths,
            {{ cosines[(hour + 18) % 24] if (hour + 18) % 24 < 12 else cosines[23 - (hour + 18) % 24] }} as y_thousandths
        {{ "union all" if not loop.last }}
    {% endfor %}
{% endmacro %}

{# Whether a UTC timestamp tells the hour: exactly the company's midnight is how a date without a time is written. #}
{% macro has_time_of_day(at, activity_date) -%}
    case
        when {{ at }} = date_trunc('hour', {{ at }})
            then {{ company_date(at ~ " - interval '1 second'") }} = {{ activity_date }}
        else true
    end
{%- endmacro %}

{# By how many hours a zone's clocks are ahead of UTC on a day (at noon). `zone` is an expression. #}
{% macro zone_hours(day, zone) -%}
    {%- set noon = "(cast(" ~ day ~ " as timestamp) + interval '12 hours')" -%}
    (extract(epoch from (({{ noon }} at time zone 'UTC') at time zone {{ zone }}) - {{ noon }}) / 3600.0)
{%- endmacro %}

{# A sum of points on the clock, turned by a zone: its x and its y. All four are thousandths. #}
{% macro turned_x(x, y, zone_x, zone_y) %}{{ whole('(' ~ x ~ ' * ' ~ zone_x ~ ' - ' ~ y ~ ' * ' ~ zone_y ~ ') / 1000.0') }}{% endmacro %}
{% macro turned_y(x, y, zone_x, zone_y) %}{{ whole('(' ~ x ~ ' * ' ~ zone_y ~ ' + ' ~ y ~ ' * ' ~ zone_x ~ ') / 1000.0') }}{% endmacro %}

{# The hour of the day that a sum of points means, 0 to 24; null where so many events are spread round the clock (their
   mean lies within a fifth of the radius of its middle), or tell no hour. #}
{% macro mean_hour(x, y, events) -%}
    case
        when {{ events }} > 0 and sqrt(power(cast({{ x }} as double precision), 2) + power(cast({{ y }} as double precision), 2)) >= 200 * {{ events }}
            then atan2(cast({{ y }} as double precision), cast({{ x }} as double precision)) * 12 / pi()
    end
{%- endmacro %}

{# An hour of the day from 0 up to 24, whatever was added to it. #}
{% macro hour_of_day(hours) %}(({{ hours }}) - 24 * floor(({{ hours }}) / 24)){% endmacro %}

{# Hours from one hour of the day to another, the shorter way round: 0 to 12. #}
{% macro hours_apart(one, other) %}least({{ hour_of_day(one ~ ' - ' ~ other) }}, 24 - {{ hour_of_day(one ~ ' - ' ~ other) }}){% endmacro %}

{# A count within a number that holds several: so many decimal digits of it, above so many others. #}
{% macro digits_of(tally, above, digits) %}({{ whole_part(tally, 10 ** above) }} % {{ 10 ** digits }}){% endmacro %}

{# One weekday's count in a tally of two digits a weekday; Monday is 1. #}
{% macro weekday_count(tally, weekday) %}({{ whole_part(tally, 100 ** (weekday - 1)) }} % 100){% endmacro %}

{# How many days ahead int_day_ages lays out. #}
{% macro days_ahead() %}{{ return(366) }}{% endmacro %}

{# The names of all time zones that the engine knows, as a query. #}
{% macro known_zones() %}select name from pg_timezone_names(){% endmacro %}

{# Twice the share of active days that lie on other weekdays lately than usually. #}
{% macro weekday_differences() -%}
    {% for day in range(1, 8) -%}
        abs(cast(lately_{{ day }} as double precision) / late_days - cast(usually_{{ day }} as double precision) / usual_days){{ ' + ' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
