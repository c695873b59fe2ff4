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
