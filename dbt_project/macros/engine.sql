{# What engines do differently, one macro each, with a branch per engine. `default` is PostgreSQL's, which is closest to
   the standard; another engine adds branches of its own where it differs. #}

{# Where raw lies: in an attached file, or in schemas of the same database. #}
{% macro raw_database() %}{{ return(adapter.dispatch('raw_database')()) }}{% endmacro %}
{% macro duckdb__raw_database() %}{{ return('raw') }}{% endmacro %}
{% macro default__raw_database() %}{{ return(target.database) }}{% endmacro %}

{# The company's day of a UTC timestamp. The zone is a literal: one that comes from a table costs ten times as much. #}
{% macro company_date(at) %}{{ return(adapter.dispatch('company_date')(at, "'" ~ var('timezone') ~ "'")) }}{% endmacro %}
{% macro default__company_date(at, zone) %}cast((({{ at }}) at time zone 'UTC') at time zone {{ zone }} as date){% endmacro %}

{# A wall-clock timestamp of a zone as a UTC timestamp. `zone` is an expression. #}
{% macro to_utc(at, zone) %}{{ return(adapter.dispatch('to_utc')(at, zone)) }}{% endmacro %}
{% macro default__to_utc(at, zone) %}((({{ at }}) at time zone {{ zone }}) at time zone 'UTC'){% endmacro %}

{# Seconds since 1970 as a UTC timestamp. #}
{% macro from_epoch_seconds(seconds) %}{{ return(adapter.dispatch('from_epoch_seconds')(seconds)) }}{% endmacro %}
{% macro duckdb__from_epoch_seconds(seconds) %}make_timestamp(cast({{ seconds }} as bigint) * 1000000){% endmacro %}
{% macro default__from_epoch_seconds(seconds) %}(to_timestamp({{ seconds }}) at time zone 'UTC'){% endmacro %}

{# Text as a timestamp, null when it is none. `format` is a strptime format; empty means ISO 8601. #}
{% macro parsed_time(text, format) %}{{ return(adapter.dispatch('parsed_time')(text, format)) }}{% endmacro %}
{% macro duckdb__parsed_time(text, format) -%}
    {%- if format -%} try_strptime({{ text }}, '{{ format | replace("'", "''") }}')
    {%- else -%} try_cast({{ text }} as timestamp) {%- endif -%}
{%- endmacro %}
{% macro default__parsed_time(text, format) %}{{ return(time_from_parts(text, time_pattern(format) if format else iso_pattern())) }}{% endmacro %}

{# A text or number as an exact decimal, null when it is none. #}
{% macro parsed_number(value) %}{{ return(adapter.dispatch('parsed_number')(value)) }}{% endmacro %}
{% macro duckdb__parsed_number(value) %}try_cast({{ value }} as decimal(30, 8)){% endmacro %}
{% macro default__parsed_number(value) -%}
    case
        when trim(cast({{ value }} as varchar)) ~ '^[+-]?([0-9]{1,22}\.?[0-9]*|\.[0-9]+)$'
            then cast(trim(cast({{ value }} as varchar)) as decimal(30, 8))
    end
{%- endmacro %}

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

{# Half-life decay summed exactly: integer millionths, so that the order of rows cannot matter. #}
{% macro decayed_sum(events, age_days, half_life_days) -%}
    {%- set share = 'power(cast(0.5 as double precision), cast(' ~ age_days ~ ' as double precision) / ' ~ half_life_days ~ ')' -%}
    cast(sum({{ whole(events ~ ' * ' ~ share ~ ' * 1000000') }}) as bigint)
{%- endmacro %}

{# The digits of a text as a number: null when it has none. #}
{% macro digits(text) %}cast(nullif(regexp_replace({{ text }}, '[^0-9]', '', 'g'), '') as bigint){% endmacro %}

{# A timestamp with a zone as a UTC timestamp without one, which is how times are kept from staging on. #}
{% macro instant_utc(at) %}(({{ at }}) at time zone 'UTC'){% endmacro %}
