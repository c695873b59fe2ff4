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
            {%- elif spec is none or (spec.from is defined and spec.from not in types) -%} cast(null as {{ sql_type(kind) }})
            {%- else -%} {{ mapped_value(spec, kind, column, types, entry) }}
            {%- endif %} as {{ column }}{{ "," if not loop.last }}
        {% endfor %}
    from ({{ accepted_rows(entry.source, entry.resource, entry.key) }}) as rows_read
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
        {%- elif kind == 'flag' -%} {{ mapped_flag(text) }}
        {%- elif kind == 'minor' -%} {{ mapped_minor(spec, text, raw_type) }}
        {%- elif kind == 'count' -%} cast(round({{ mapped_number(spec, text, raw_type) }}, 0) as bigint)
        {%- elif column == 'value' and spec.unit == 'major' -%} cast({{ mapped_minor(spec, text, raw_type) }} as double precision)
        {%- else -%} cast({{ mapped_number(spec, text, raw_type) }} as double precision)
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{# Ids that went through a spreadsheet as floats (17850.0) are the same ids; addresses and codes have one spelling. #}
{% macro mapped_text(text, column, raw_type, name) -%}
    {%- if column in ('account_id', 'contact_id', 'invoice_id', 'subscription_id') -%}
        regexp_replace({{ text }}, '^([0-9]+)\.0$', '\1')
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
    {%- elif spec.format in ('epoch', 'epoch_seconds') -%} {{ from_epoch_seconds(adapter.quote(spec.from)) }}
    {%- elif spec.format and '%z' in spec.format -%} cast({{ parsed_time(text, spec.format) }} as timestamp)
    {%- elif spec.format -%}
        {{ to_utc(parsed_time(text, spec.format), zone if '%H' in spec.format or '%I' in spec.format else company_zone) }}
    {%- else -%}
        case
            when {{ matches(text, '^[0-9]{4}-[0-9]{2}-[0-9]{2}$') }} then {{ to_utc(parsed_time(text, none), company_zone) }}
            when {{ matches(text, '([zZ]|[+-][0-9]{2}(:?[0-9]{2})?)$') }} then {{ parsed_instant(text) }}
            else {{ to_utc(parsed_time(text, none), zone) }}
        end
    {%- endif -%}
{%- endmacro %}

{# Whether a raw column's type is a number, whose text would be written with a point whatever the mapping says. #}
{% macro is_number_type(raw_type) -%}
    {%- set names = ['DECIMAL', 'NUMERIC', 'DOUBLE', 'FLOAT', 'REAL', 'INT', 'INTEGER', 'BIGINT', 'SMALLINT', 'TINYINT', 'HUGEINT', 'UBIGINT', 'UINTEGER', 'USMALLINT', 'UTINYINT'] -%}
    {{ return((raw_type.split('(')[0].split(' ')[0]) in names) }}
{%- endmacro %}

{# A number as an exact decimal; null when it is none. Of text, thousands' marks go and the decimal mark becomes a point. #}
{% macro mapped_number(spec, text, raw_type) -%}
    {%- set thousands = '.' if spec.decimal == ',' else ',' -%}
    {%- if is_number_type(raw_type) -%} {{ parsed_number(adapter.quote(spec.from)) }}
    {%- else -%}
        {{ parsed_number("replace(replace(regexp_replace(" ~ text ~ ", '[^0-9.,+-]', '', 'g'), '" ~ thousands ~ "', ''), '" ~ (spec.decimal or ".") ~ "', '.')") }}
    {%- endif -%}
{%- endmacro %}

{# An amount in minor units. #}
{% macro mapped_minor(spec, text, raw_type) -%}
    {{ to_minor(mapped_number(spec, text, raw_type) ~ (' * 100' if spec.unit == 'major' else '')) }}
{%- endmacro %}

{# Yes and no as people and programs write them; anything else is unknown, and unknown consent is no. #}
{% macro mapped_flag(text) -%}
    case
        when lower({{ text }}) in ('true', 't', '1', '1.0', 'yes', 'y', 'ja', 'j', 'oui', 'si', 'sí', 'on', 'opt-in', 'subscribed') then true
        when lower({{ text }}) in ('false', 'f', '0', '0.0', 'no', 'n', 'nein', 'non', 'off', 'opt-out', 'unsubscribed') then false
    end
{%- endmacro %}
