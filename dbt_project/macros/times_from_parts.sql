{# Reading times from text where the engine has no parser that gives null for what is none: a regular expression takes the
   text apart, and its parts make a timestamp only if there is such a day and hour. #}

{# Regular expression and the order of its parts, for a strptime format. #}
{% macro time_pattern(format) %}
    {% set two = '([0-9]{1,2})' %}
    {% set known = {
        'Y': '([0-9]{1,4})', 'y': two, 'm': two, 'd': two, 'H': two, 'I': two, 'M': two, 'S': two, 'f': '([0-9]{1,6})',
        'p': '([aApP][mM])', 'b': '([A-Za-z]{3})', 'B': '([A-Za-z]{3,9})', 'z': '([+-][0-9]{2}(?::?[0-9]{2})?)',
    } %}
    {% set found = namespace(pattern='', parts=[], after_percent=false) %}
    {% for sign in format %}
        {% if found.after_percent and sign in known %}
            {% set found.pattern = found.pattern ~ known[sign] %}
            {% do found.parts.append(sign) %}
            {% set found.after_percent = false %}
        {% elif found.after_percent and sign == 'a' %}
            {% set found.pattern = found.pattern ~ '[A-Za-z]{3}' %}
            {% set found.after_percent = false %}
        {% elif found.after_percent and sign == '-' %}
            {# `%-d` is read as `%d` is. #}
        {% elif found.after_percent and sign != '%' %}
            {{ exceptions.raise_compiler_error("%" ~ sign ~ " in the format " ~ format ~ " cannot be read on " ~ target.type) }}
        {% elif sign == '%' and not found.after_percent %}
            {% set found.after_percent = true %}
        {% else %}
            {% set found.pattern = found.pattern ~ (' +' if sign == ' ' else '[' ~ sign ~ ']' if sign in '.|()[{}*+?$' else sign) %}
            {% set found.after_percent = false %}
        {% endif %}
    {% endfor %}
    {{ return({'pattern': '^ *' ~ found.pattern ~ ' *$', 'parts': found.parts}) }}
{% endmacro %}

{# ISO 8601 as DuckDB reads it: time optional; an offset, where one is allowed, only after seconds. #}
{% macro iso_pattern(offset=false) %}
    {% set seconds = ':([0-9]{1,2})(?:[.]([0-9]{0,6})[0-9]*)?' ~ ('(Z|[+-][0-9]{2}(?::?[0-9]{2})?)?' if offset else '') %}
    {% set pattern = '^ *([0-9]{1,4})([-/ ])([0-9]{1,2})([-/ ])([0-9]{1,2})(?:(?:T| +)([0-9]{1,2}):([0-9]{1,2})(?:' ~ seconds ~ ')?)? *$' %}
    {{ return({'pattern': pattern, 'parts': ['Y', 'first', 'm', 'second', 'd', 'H', 'M', 'S', 'f'] + (['z'] if offset else [])}) }}
{% endmacro %}

{# A text as a timestamp by a pattern of above, null when it is none; an offset is turned to UTC. `offset 0` keeps the
   planner from taking the text apart once for each part. #}
{% macro time_from_parts(text, read) -%}
    {%- set part = {} -%}
    {%- for sign in read.parts -%}{%- do part.update({sign: 'part[' ~ loop.index ~ ']'}) -%}{%- endfor -%}
    {%- set number = {} -%}
    {%- for sign in ('Y', 'y', 'm', 'd', 'H', 'I', 'M', 'S') if sign in part -%}
        {%- do number.update({sign: 'cast(' ~ part[sign] ~ ' as integer)'}) -%}
    {%- endfor -%}
    {%- set short = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'] -%}
    {%- set long = ['january', 'february', 'march', 'april', 'may', 'june', 'july', 'august', 'september', 'october', 'november', 'december'] -%}
    (
        select case when extract(month from day_at) = month_number then day_at + time_of_day end
        from (
            select
                month_number,
                make_timestamp(year_number, month_number, 1, 0, 0, 0) + make_interval(days => day_number - 1) as day_at,
                make_interval(hours => hour_number, mins => minute_number, secs => second_number) - ahead as time_of_day
            from (
                select
                    {% if 'Y' in part %}{{ number['Y'] }}
                    {%- elif 'y' in part %}{{ number['y'] }} + case when {{ number['y'] }} < 69 then 2000 else 1900 end
                    {%- else %}1900{% endif %} as year_number,
                    {% if 'm' in part %}{{ number['m'] }}
                    {%- elif 'b' in part %}array_position(array{{ short }}, lower({{ part['b'] }}))
                    {%- elif 'B' in part %}array_position(array{{ long }}, lower({{ part['B'] }}))
                    {%- else %}1{% endif %} as month_number,
                    {{ number.get('d', 1) }} as day_number,
                    {% if 'I' in part %}
                    case when {{ number['I'] }} between 1 and 12 then mod({{ number['I'] }}, 12) else 99 end
                    {%- if 'p' in part %} + case when lower({{ part['p'] }}) = 'pm' then 12 else 0 end{% endif %}
                    {%- else %}coalesce({{ number.get('H', 0) }}, 0){% endif %} as hour_number,
                    coalesce({{ number.get('M', 0) }}, 0) as minute_number,
                    coalesce({{ number.get('S', 0) }}, 0){% if 'f' in part %} + coalesce(cast('0.' || nullif({{ part['f'] }}, '') as double precision), 0){% endif %} as second_number,
                    {% if 'z' in part -%}
                    case
                        when {{ part['z'] }} ~ '[0-9]' then make_interval(
                            hours => cast(substr({{ part['z'] }}, 1, 3) as integer),
                            mins => cast(substr({{ part['z'] }}, 1, 1) || '0' || substr(replace({{ part['z'] }}, ':', ''), 4) as integer)
                        )
                        else interval '0'
                    end
                    {%- else -%}interval '0'{%- endif %} as ahead
                from (select regexp_match({{ text }}, '{{ read.pattern | replace("'", "''") }}') as part offset 0) as matched
                {%- if 'first' in part %}
                where {{ part['first'] }} = {{ part['second'] }}
                {%- endif %}
            ) as numbers
            where
                year_number between 1 and 9999 and month_number between 1 and 12 and day_number between 1 and 31
                and hour_number between 0 and 23 and minute_number between 0 and 59 and second_number < 60
        ) as days
    )
{%- endmacro %}
