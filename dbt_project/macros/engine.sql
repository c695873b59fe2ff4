{# What engines do differently, one macro each, with a branch per engine. `default` is PostgreSQL's, which is closest to
   the standard; another engine adds branches of its own where it differs. #}

{# Where raw lies: in an attached file, or in schemas of the same database. #}
{% macro raw_database() %}{{ return(adapter.dispatch('raw_database')()) }}{% endmacro %}
{% macro duckdb__raw_database() %}{{ return('raw') }}{% endmacro %}
{% macro default__raw_database() %}{{ return(target.database) }}{% endmacro %}

{# The company's day of a UTC timestamp. The zone is a literal: one that comes from a table costs ten times as much. #}
{% macro company_date(at) %}{{ return(adapter.dispatch('company_date')(at, "'" ~ var('timezone') ~ "'")) }}{% endmacro %}
{% macro duckdb__company_date(at, zone) -%}
    {#- Its calendar asks the time zone's rules for each row anew, a microsecond each: at size that was most of the night.
        flows/mapping.py says when the clocks change, so that a column needs a comparison or seven. -#}
    {%- set steps = var('zone_steps') -%}
    {%- if steps and modules.re.match('^[a-z_.]+$', at) -%}
        case
            when {{ at }} >= timestamp '{{ steps[0][0] }}' and {{ at }} < timestamp '{{ steps[-1][0] }}'
                then cast({{ at }} + {{ zone_ahead(at, steps[:-1]) }} as date)
            else {{ default__company_date(at, zone) }}
        end
    {%- else -%}
        {{ default__company_date(at, zone) }}
    {%- endif -%}
{%- endmacro %}
{% macro default__company_date(at, zone) %}cast((({{ at }}) at time zone 'UTC') at time zone {{ zone }} as date){% endmacro %}

{# How far ahead of UTC a zone's clocks are, found by halves among its steps. #}
{% macro zone_ahead(at, steps) -%}
    {%- if steps | length == 1 -%} interval '{{ steps[0][1] }} seconds'
    {%- else -%}
        {%- set middle = steps | length // 2 -%}
        case when {{ at }} < timestamp '{{ steps[middle][0] }}' then {{ zone_ahead(at, steps[:middle]) }} else {{ zone_ahead(at, steps[middle:]) }} end
    {%- endif -%}
{%- endmacro %}

{# The company's zone as an expression. #}
{% macro company_zone() %}'{{ var('timezone') }}'{% endmacro %}

{# A wall-clock timestamp of a zone as a UTC timestamp. `zone` is an expression; of UTC itself there is nothing to do. #}
{% macro to_utc(at, zone) %}{{ return('(' ~ at ~ ')' if zone == "'UTC'" else adapter.dispatch('to_utc')(at, zone)) }}{% endmacro %}
{% macro default__to_utc(at, zone) %}((({{ at }}) at time zone {{ zone }}) at time zone 'UTC'){% endmacro %}

{# Seconds since 1970 as a UTC timestamp. #}
{% macro from_epoch_seconds(seconds) %}{{ return(adapter.dispatch('from_epoch_seconds')(seconds)) }}{% endmacro %}
{% macro duckdb__from_epoch_seconds(seconds) %}make_timestamp(cast({{ seconds }} as bigint) * 1000000){% endmacro %}
{% macro default__from_epoch_seconds(seconds) %}(to_timestamp({{ seconds }}) at time zone 'UTC'){% endmacro %}

{# A number of ticks since 1970, so many a second, as a UTC timestamp: null outside the years 1 to 9999. #}
{% macro epoch_time(ticks, per_second) -%}
    case
        when {{ ticks }} between {{ -62135596800 * per_second }} and {{ 253402300799 * per_second }}
            then {{ add_microseconds("timestamp '1970-01-01 00:00:00'", ticks ~ ' * ' ~ (1000000 // per_second)) }}
    end
{%- endmacro %}

{# Days since 30 December 1899, as spreadsheets count, as a wall-clock timestamp to the second; null outside 1900 to 9999. #}
{% macro excel_time(days) -%}
    case
        when {{ days }} between 1 and 2958465
            then {{ add_microseconds("timestamp '1899-12-30 00:00:00'", 'round(' ~ days ~ ' * 86400, 0) * 1000000') }}
    end
{%- endmacro %}

{# A timestamp so many microseconds later; they are a decimal expression. #}
{% macro add_microseconds(at, microseconds) %}{{ return(adapter.dispatch('add_microseconds')(at, microseconds)) }}{% endmacro %}
{% macro duckdb__add_microseconds(at, microseconds) %}({{ at }} + to_microseconds(cast({{ microseconds }} as bigint))){% endmacro %}
{% macro default__add_microseconds(at, microseconds) %}({{ at }} + cast({{ microseconds }} as bigint) * interval '1 microsecond'){% endmacro %}

{# Text as a timestamp, null when it is none. `format` is a strptime format; empty means ISO 8601. #}
{% macro parsed_time(text, format) %}{{ return(adapter.dispatch('parsed_time')(text, format)) }}{% endmacro %}
{% macro duckdb__parsed_time(text, format) -%}
    {#- Its words for special times would be read as midnight of 1900, whatever the format. -#}
    {%- if format -%} try_strptime(case when lower({{ text }}) not in ('epoch', 'infinity', '-infinity') then {{ text }} end, '{{ format | replace("'", "''") }}')
    {%- else -%} try_cast({{ text }} as timestamp) {%- endif -%}
{%- endmacro %}
{% macro default__parsed_time(text, format) %}{{ return(time_from_parts(text, time_pattern(format) if format else iso_pattern())) }}{% endmacro %}

{# A text as an exact decimal, null when it is none. From 10^16 on it is none either: in minor units it would not fit. #}
{% macro parsed_number(text) %}{{ return(adapter.dispatch('parsed_number')(text)) }}{% endmacro %}
{% macro duckdb__parsed_number(text) %}try_cast({{ text }} as decimal(24, 8)){% endmacro %}
{% macro default__parsed_number(text) -%}
    case when trim({{ text }}) ~ '^[+-]?(0*[0-9]{1,16}(\.[0-9]*)?|\.[0-9]+)$' then cast(trim({{ text }}) as decimal(30, 8)) end
{%- endmacro %}

{# A number of any type as an exact decimal, null where that would not hold it. #}
{% macro exact_number(number) %}{{ return(adapter.dispatch('exact_number')(number)) }}{% endmacro %}
{% macro duckdb__exact_number(number) %}try_cast({{ number }} as decimal(24, 8)){% endmacro %}
{% macro default__exact_number(number) %}case when abs({{ number }}) < 1e16 then cast({{ number }} as decimal(30, 8)) end{% endmacro %}

{# Whether a text matches a regular expression. #}
{% macro matches(text, pattern) %}{{ return(adapter.dispatch('matches')(text, pattern)) }}{% endmacro %}
{% macro duckdb__matches(text, pattern) %}regexp_matches({{ text }}, '{{ pattern }}'){% endmacro %}
{% macro default__matches(text, pattern) %}({{ text }} ~ '{{ pattern }}'){% endmacro %}

{# ISO text with an offset as a UTC timestamp, null when it is none. #}
{% macro parsed_instant(text) %}{{ return(adapter.dispatch('parsed_instant')(text)) }}{% endmacro %}
{% macro duckdb__parsed_instant(text) %}(try_cast({{ text }} as timestamptz) at time zone 'UTC'){% endmacro %}
{% macro default__parsed_instant(text) %}{{ return(time_from_parts(text, iso_pattern(offset=true))) }}{% endmacro %}

{# Whole days from one date to another. #}
{% macro days_between(earlier, later) %}{{ return(adapter.dispatch('days_between')(earlier, later)) }}{% endmacro %}
{% macro duckdb__days_between(earlier, later) %}date_diff('day', {{ earlier }}, {{ later }}){% endmacro %}
{% macro default__days_between(earlier, later) %}({{ later }} - {{ earlier }}){% endmacro %}

{# A date so many whole days later; `days` may be negative or an expression. #}
{% macro add_days(day, days) %}{{ return(adapter.dispatch('add_days')(day, days)) }}{% endmacro %}
{% macro duckdb__add_days(day, days) %}cast({{ day }} + to_days(cast({{ days }} as integer)) as date){% endmacro %}
{% macro default__add_days(day, days) %}({{ day }} + cast({{ days }} as integer)){% endmacro %}

{# The first day of a date's month, and of the next one. #}
{% macro month_of(day) %}cast(date_trunc('month', {{ day }}) as date){% endmacro %}
{% macro next_month(month) %}cast({{ month }} + interval '1 month' as date){% endmacro %}

{# A date's month as a number: the next month's is one more. #}
{% macro month_number(day) %}cast(extract(year from {{ day }}) * 12 + extract(month from {{ day }}) as integer){% endmacro %}

{# The number of the first month at whose end, or on the night's day in the month that still runs, a period is over. #}
{% macro month_number_ended(ends_on, as_of) -%}
    case when {{ ends_on }} <= {{ as_of }} then {{ month_number(ends_on) }} else {{ month_number(as_of) }} + 1 end
{%- endmacro %}

{# The month so many months after the first day of one. #}
{% macro add_months(month, months) %}cast({{ month }} + ({{ months }}) * interval '1 month' as date){% endmacro %}

{# One row a month from the first month of `first` to that of `last`. #}
{% macro months_between(first, last) %}{{ return(adapter.dispatch('months_between')(first, last)) }}{% endmacro %}
{% macro duckdb__months_between(first, last) %}unnest({{ default__months_between(first, last) }}){% endmacro %}
{% macro default__months_between(first, last) -%}
    generate_series(cast({{ month_of(first) }} as timestamp), cast({{ month_of(last) }} as timestamp), interval '1 month')
{%- endmacro %}

{# A value as a double, rounded to so many decimals, halves away from zero. #}
{% macro rounded(value, decimals) %}{{ return(adapter.dispatch('rounded')(value, decimals)) }}{% endmacro %}
{% macro duckdb__rounded(value, decimals) %}round(cast({{ value }} as double precision), {{ decimals }}){% endmacro %}
{% macro default__rounded(value, decimals) -%}
    {#- Its own round() of a double knows no decimals and rounds halves to even. -#}
    {%- set ticks = "cast(" ~ value ~ " as double precision) * 1e" ~ decimals -%}
    (trunc({{ ticks }} + sign({{ ticks }}) * 0.5) / 1e{{ decimals }}::double precision)
{%- endmacro %}

{# The nearest whole number as a bigint, halves away from zero. #}
{% macro whole(value) %}cast({{ rounded(value, 0) }} as bigint){% endmacro %}

{# A ratio as a double that repeats to the digit: null over zero, nine decimals (the mart's edge). #}
{% macro ratio(above, below) -%}
    {{ rounded('cast(' ~ above ~ ' as double precision) / nullif(' ~ below ~ ', 0)', 9) }}
{%- endmacro %}

{# A quantile of a column, interpolated; null for no rows. #}
{% macro quantile(column, share) %}percentile_cont({{ share }}) within group (order by {{ column }}){% endmacro %}

{# An exact amount as an integer, halves away from zero. `amount` is a decimal expression. #}
{% macro to_minor(amount) %}cast(round(cast({{ amount }} as decimal(30, 8)), 0) as bigint){% endmacro %}

{# An amount in minor units by a rate, null without one. Most are of the reporting currency, whose rate is 1. #}
{% macro at_rate(amount, rate) %}case when {{ rate }} = 1 then {{ amount }} else {{ to_minor(amount ~ ' * ' ~ rate) }} end{% endmacro %}

{# What an event so many working days old still weighs, in millionths: halved for every `half_life_weeks` working weeks.
   A whole number, so that a sum of weights is exact whatever the order of its rows; null for days ahead. #}
{% macro decay_weight(age_working_days, working_days_a_week, half_life_weeks) -%}
    case
        when {{ age_working_days }} >= 0
            then {{ whole('1000000 * power(cast(0.5 as double precision), cast(' ~ age_working_days ~ ' as double precision) / (' ~ working_days_a_week ~ ' * ' ~ half_life_weeks ~ '))') }}
    end
{%- endmacro %}

{# The digits of a text as a number: null when it has none. #}
{% macro digits(text) %}cast(nullif(regexp_replace({{ text }}, '[^0-9]', '', 'g'), '') as bigint){% endmacro %}

{# A timestamp with a zone as a UTC timestamp without one, which is how times are kept from staging on. #}
{% macro instant_utc(at) %}(({{ at }}) at time zone 'UTC'){% endmacro %}

{# A number as so many octal digits, the highest first. #}
{% macro octal_digits(value, count) %}{{ return(adapter.dispatch('octal_digits')(value, count)) }}{% endmacro %}
{% macro duckdb__octal_digits(value, count) %}to_base({{ value }}, 8, {{ count }}){% endmacro %}
{% macro default__octal_digits(value, count) -%}
    {%- for digit in range(count - 1, -1, -1) %}cast(({{ value }} >> {{ 3 * digit }}) & 7 as varchar){{ ' || ' if not loop.last }}{% endfor -%}
{%- endmacro %}

{# One row a day from `first` to `last`. #}
{% macro each_day(first, last) %}{{ return(adapter.dispatch('each_day')(first, last)) }}{% endmacro %}
{% macro duckdb__each_day(first, last) %}unnest({{ default__each_day(first, last) }}){% endmacro %}
{% macro default__each_day(first, last) -%}
    generate_series(cast({{ first }} as timestamp), cast({{ last }} as timestamp), interval '1 day')
{%- endmacro %}

{# Several quantiles of a column at once, interpolated, as an array that begins at 1; null for no rows. #}
{% macro quantiles(column, shares) %}{{ return(adapter.dispatch('quantiles')(column, shares)) }}{% endmacro %}
{% macro duckdb__quantiles(column, shares) %}quantile_cont({{ column }}, [{{ shares | join(', ') }}]){% endmacro %}
{% macro default__quantiles(column, shares) -%}
    percentile_cont(array[{{ shares | join(', ') }}]::double precision[]) within group (order by {{ column }})
{%- endmacro %}

{# Values of a group in an order as one value, and the one at a place in it, from 1: a small table that every row looks into
   costs a tenth of a join with it. A place before the first is the reader's to keep out: on one engine it counts from
   the end. #}
{% macro listed(value, order) %}array_agg({{ value }} order by {{ order }}){% endmacro %}
{% macro at_place(list, place) %}{{ list }}[{{ place }}]{% endmacro %}

{# Whole part of a division of two integers. #}
{% macro whole_part(above, below) %}{{ return(adapter.dispatch('whole_part')(above, below)) }}{% endmacro %}
{% macro duckdb__whole_part(above, below) %}(({{ above }}) // ({{ below }})){% endmacro %}
{% macro default__whole_part(above, below) %}(({{ above }}) / ({{ below }})){% endmacro %}

{# Texts of a group run together in an order. #}
{% macro run_together(text, order) %}string_agg({{ text }}, '' order by {{ order }}){% endmacro %}

{# The statement that gives the planner a new table's figures. Without it PostgreSQL plans the next model for a table of a few
   rows, and a join that takes a second takes minutes. #}
{% macro described_to_planner() %}{{ return(adapter.dispatch('described_to_planner')()) }}{% endmacro %}
{% macro duckdb__described_to_planner() %}{{ return('') }}{% endmacro %}
{% macro default__described_to_planner() %}{{ return('' if model.config.materialized == 'view' else 'analyze ' ~ this) }}{% endmacro %}

{# The values of a column in a group as a sorted array. DuckDB sorts a finished list five times as fast as it gathers in order. #}
{% macro sorted_array(column) %}{{ return(adapter.dispatch('sorted_array')(column)) }}{% endmacro %}
{% macro duckdb__sorted_array(column) %}list_sort(list({{ column }})){% endmacro %}
{% macro default__sorted_array(column) %}array_agg({{ column }} order by {{ column }}){% endmacro %}
