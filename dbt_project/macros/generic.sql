{# One relation of the account model from every mapping of sources.yml that leads to it. #}
{% macro generic_relation(relation) %}
    {% for entry in var('mapping').get(relation, []) if execute and raw_table(entry.source, entry.resource) %}
        {{ mapped_rows(relation, entry) }}
        union all
    {% endfor %}
    {{ typed_empty(relation) }}
{% endmacro %}

{# Rows of one mapped resource, cast to the account model's types. #}
{% macro mapped_rows(relation, entry) %}
    {% set types = {} %}
    {% for column in adapter.get_columns_in_relation(raw_table(entry.source, entry.resource)) %}
        {% do types.update({column.name: column.data_type | upper}) %}
    {% endfor %}
    select
        {% for column, kind in relation_columns(relation).items() -%}
            {%- set spec = entry.columns.get(column) -%}
            {%- if column == 'source' -%} '{{ entry.source }}'
            {%- elif column == 'row_id' -%} _dlt_id
            {%- elif column == 'load_id' -%} _dlt_load_id
            {%- elif spec is none or (spec.from is defined and spec.from not in types) -%} cast(null as {{ sql_type(kind) }})
            {%- else -%} {{ mapped_value(spec, kind, column, types, entry) }}
            {%- endif %} as {{ column }}{{ "," if not loop.last }}
        {% endfor %}
    from (
        {{ accepted_versions(entry.source, entry.resource) if relation == 'activity' else accepted_rows(entry.source, entry.resource, entry.key) }}
    ) as rows_read
    where
        true
        {%- for column, wanted in entry.where.items() %}
        and {{ equals(adapter.quote(column), wanted) }}
        {%- endfor %}
{% endmacro %}

{# Whether a raw column holds a value of sources.yml; hand-over 1 asks the same way. #}
{% macro equals(column, wanted) -%}
    {%- if wanted is none -%} {{ column }} is null
    {%- elif wanted is boolean -%} lower(cast({{ column }} as varchar)) = '{{ wanted | string | lower }}'
    {%- else -%} cast({{ column }} as varchar) = '{{ wanted | string | replace("'", "''") }}'
    {%- endif -%}
{%- endmacro %}

{# One column: a constant, or a raw column cast by what it means. #}
{% macro mapped_value(spec, kind, column, types, entry) -%}
    {%- if spec.value is defined -%}
        cast('{{ spec.value | string | replace("'", "''") }}' as {{ sql_type(kind) }})
    {%- else -%}
        {%- set raw_type = types[spec.from] -%}
        {%- set text = "nullif(trim(cast(" ~ adapter.quote(spec.from) ~ " as varchar)), '')" -%}
        {%- if kind == 'text' -%} {{ mapped_text(text, column, raw_type, spec.from) }}
        {%- elif kind == 'time' -%} {{ mapped_time(spec, text, raw_type, entry.zone) }}
        {%- elif kind == 'day' -%} {{ mapped_day(spec, text, raw_type, entry.zone) }}
        {%- elif kind == 'flag' -%} {{ mapped_flag(text) }}
        {%- elif kind == 'minor' -%} {{ mapped_minor(spec, text, raw_type) }}
        {%- elif kind == 'count' and raw_type in ('BIGINT', 'INTEGER', 'SMALLINT') -%} cast({{ adapter.quote(spec.from) }} as bigint)
        {%- elif kind == 'count' -%} cast(round({{ mapped_number(spec, text, raw_type) }}, 0) as bigint)
        {%- elif column == 'value' and spec.unit == 'major' -%} cast({{ mapped_minor(spec, text, raw_type) }} as double precision)
        {%- else -%} cast({{ mapped_number(spec, text, raw_type) }} as double precision)
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{# Ids that went through a spreadsheet as floats (17850.0) are the same ids; addresses and codes have one spelling. #}
{% macro mapped_text(text, column, raw_type, name) -%}
    {%- if column in ('account_id', 'contact_id', 'invoice_id', 'subscription_id') -%}
        case when {{ text }} like '%.0' then regexp_replace({{ text }}, '^([0-9]+)\.0$', '\1') else {{ text }} end
    {%- elif column in ('email', 'owner_email') -%} lower({{ text }})
    {%- elif column == 'currency' -%} upper({{ text }})
    {%- elif column in ('role', 'status', 'outcome') -%} lower({{ text }})
    {%- else -%} {{ text }}
    {%- endif -%}
{%- endmacro %}

{# A time as UTC. A type with a zone knows its instant, and text with an offset; anything else is wall-clock time of the
   mapping's zone. A date without a time is the company's day already, whatever the zone. #}
{% macro mapped_time(spec, text, raw_type, source_zone) -%}
    {%- set zone = "'" ~ (spec.zone or source_zone) ~ "'" -%}
    {%- set company_zone = "'" ~ var('timezone') ~ "'" -%}
    {%- if 'WITH TIME ZONE' in raw_type or raw_type == 'TIMESTAMPTZ' -%} {{ instant_utc(adapter.quote(spec.from)) }}
    {%- elif raw_type == 'DATE' -%} {{ to_utc('cast(' ~ adapter.quote(spec.from) ~ ' as timestamp)', company_zone) }}
    {%- elif raw_type.startswith('TIMESTAMP') -%} {{ to_utc('cast(' ~ adapter.quote(spec.from) ~ ' as timestamp)', zone) }}
    {%- else -%}
        coalesce(
        {%- for form in (spec.format or 'iso').split(' | ') -%}
            {{ time_in_format(text, form | trim, zone, company_zone) }}{{ ', ' if not loop.last }}
        {%- endfor -%}
        , null)
    {%- endif -%}
{%- endmacro %}

{# Text in one format as a UTC timestamp, null when it is in another. The zones are literals. #}
{% macro time_in_format(text, form, zone, company_zone) -%}
    {%- if form in ('epoch', 'epoch_seconds') -%} {{ epoch_time(plain_number(text), 1) }}
    {%- elif form == 'epoch_milliseconds' -%} {{ epoch_time(plain_number(text), 1000) }}
    {%- elif form == 'excel_days' -%}
        {#- A whole number is the company's day; a fraction is wall-clock time. -#}
        case
            when {{ matches(text, '^[0-9]+([.,]0+)?$') }} then {{ to_utc(excel_time(plain_number(text)), company_zone) }}
            else {{ to_utc(excel_time(plain_number(text)), zone) }}
        end
    {%- elif form == 'iso' -%}
        case
            when {{ matches(text, '^[0-9]{4}-[0-9]{2}-[0-9]{2}$') }} then {{ to_utc(parsed_time(text, none), company_zone) }}
            when {{ matches(text, '([zZ]|[+-][0-9]{2}(:?[0-9]{2})?)$') }} then {{ parsed_instant(text) }}
            when {{ matches(text, '^[0-9]{1,4}[-/ ]') }} then {{ to_utc(parsed_time(text, none), zone) }}
        end
    {%- elif '%z' in form -%} cast({{ parsed_time(text, form) }} as timestamp)
    {%- else -%} {{ to_utc(parsed_time(text, form), zone if '%H' in form or '%I' in form else company_zone) }}
    {%- endif -%}
{%- endmacro %}

{# Digits with at most one decimal mark as an exact decimal, null for any other text: a time's number is written plainly. #}
{% macro plain_number(text) -%}
    {{ parsed_number("case when " ~ matches(text, '^-?[0-9]+([.,][0-9]*)?$') ~ " then replace(" ~ text ~ ", ',', '.') end") }}
{%- endmacro %}

{# A company's day: a date as it is written, a time by the company's clock. #}
{% macro mapped_day(spec, text, raw_type, source_zone) -%}
    {%- if raw_type == 'DATE' -%} {{ adapter.quote(spec.from) }}
    {%- else -%} {{ company_date(mapped_time(spec, text, raw_type, source_zone)) }}
    {%- endif -%}
{%- endmacro %}

{# Whether a raw column's type is a number, whose text would be written with a point whatever the mapping says. #}
{% macro is_number_type(raw_type) -%}
    {%- set names = ['DECIMAL', 'NUMERIC', 'DOUBLE', 'FLOAT', 'REAL', 'INT', 'INTEGER', 'BIGINT', 'SMALLINT', 'TINYINT', 'HUGEINT', 'UBIGINT', 'UINTEGER', 'USMALLINT', 'UTINYINT'] -%}
    {{ return((raw_type.split('(')[0].split(' ')[0]) in names) }}
{%- endmacro %}

{# A number as an exact decimal; null when it is none. Of text, thousands' marks go, the decimal mark becomes a point, and
   12,50- and (12,50) are -12.50. #}
{% macro mapped_number(spec, text, raw_type) -%}
    {%- set thousands = '.' if spec.decimal == ',' else ',' -%}
    {%- if is_number_type(raw_type) -%} {{ exact_number(adapter.quote(spec.from)) }}
    {%- else -%}
        {#- The point of kr. and Fr. is no decimal mark. -#}
        {%- set wordless = "regexp_replace(" ~ text ~ ", '[A-Za-z]+[.]', '', 'g')" -%}
        {%- set bare = "regexp_replace(" ~ wordless ~ ", '[^0-9.,()+-]', '', 'g')" -%}
        {%- set signed = "regexp_replace(regexp_replace(" ~ bare ~ ", '^[(]([0-9.,]+)[)]$', '-\\1'), '^([0-9.,]+)-$', '-\\1')" -%}
        {{ parsed_number("replace(replace(" ~ signed ~ ", '" ~ thousands ~ "', ''), '" ~ (spec.decimal or ".") ~ "', '.')") }}
    {%- endif -%}
{%- endmacro %}

{# An amount in minor units. A whole number needs no decimals on its way; the limit is that of exact_number(). #}
{% macro mapped_minor(spec, text, raw_type) -%}
    {%- set factor = ' * 100' if spec.unit == 'major' else '' -%}
    {%- if raw_type in ('BIGINT', 'INTEGER', 'SMALLINT') -%}
        {%- set whole_number = 'cast(' ~ adapter.quote(spec.from) ~ ' as bigint)' -%}
        case when {{ whole_number }} between -9999999999999999 and 9999999999999999 then {{ whole_number }}{{ factor }} end
    {%- else -%} {{ to_minor(mapped_number(spec, text, raw_type) ~ factor) }}
    {%- endif -%}
{%- endmacro %}

{# Yes and no as people, programs and spreadsheets write them; anything else is unknown, and unknown consent is no. What
   `stillhere init` takes for yes and no is here as well. #}
{% macro mapped_flag(text) -%}
    case
        when lower({{ text }}) in (
            'true', 't', '1', '1.0', 'yes', 'y', 'ja', 'j', 'oui', 'si', 'sí', 'sim', 'tak', 'x', 'on', 'opt-in', 'subscribed',
            'wahr', 'vrai', 'verdadero', 'verdadeiro', 'vero', 'waar', 'prawda', 'sant'
        ) then true
        when lower({{ text }}) in (
            'false', 'f', '0', '0.0', 'no', 'n', 'nein', 'non', 'nee', 'nej', 'nie', 'não', 'nao', 'off', 'opt-out', 'unsubscribed',
            'falsch', 'faux', 'falso', 'onwaar', 'fałsz', 'falskt'
        ) then false
    end
{%- endmacro %}

{# A status in the account model's words, from those of vendors and offices; a word nobody knows stays as it is. #}
{% macro known_status(status, words) -%}
    case
        {%- for known, written in words.items() %}
        when {{ status }} in ({% for word in written %}'{{ word }}'{{ ', ' if not loop.last }}{% endfor %}) then '{{ known }}'
        {%- endfor %}
        else {{ status }}
    end
{%- endmacro %}
