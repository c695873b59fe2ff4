{# A raw table, or none where nothing was ever loaded. #}
{% macro raw_table(source_name, resource) %}
    {% if not execute %}{{ return(none) }}{% endif %}
    {{ return(adapter.get_relation(database=raw_database(), schema=source_name, identifier=resource)) }}
{% endmacro %}

{# Rows of a raw table that staging may read: of accepted loads, not in quarantine, the newest version of each key. Which
   rows are out of date int_replaced_rows keeps, for to rank all rows each night costs more than all the rest. A model that
   reads this names that table with `depends_on`. Without a key every row is one of its own. #}
{% macro accepted_rows(source_name, resource, key) %}
    {{ accepted_versions(source_name, resource) }}
    {%- if key %}
        and _dlt_id not in (
            select row_id from {{ ref('int_replaced_rows') }}
            where source = '{{ source_name }}' and resource = '{{ resource }}'
        )
    {%- endif %}
{% endmacro %}

{# The same with every version of a key, for what counts events: an increment reads those of new loads only. #}
{% macro accepted_versions(source_name, resource) %}
    {% set quarantine = raw_table('quarantine', 'rows') %}
    select *
    from {{ raw_table(source_name, resource) }}
    where
        _dlt_load_id in (
            select load_id from {{ source('night', 'loads') }}
            where source = '{{ source_name }}' and resource = '{{ resource }}'
        )
        {% if quarantine %}
        {#- Not `not exists`: of an empty table DuckDB makes that a join which first keeps every raw row in memory. #}
        and _dlt_id not in (
            select row_id from {{ quarantine }}
            where source = '{{ source_name }}' and resource = '{{ resource }}' and row_id is not null
        )
        {% endif %}
{% endmacro %}

{# The order in which versions of a key replace each other. #}
{% macro newest_first(alias='') %}
    {%- set of = alias ~ '.' if alias else '' -%}
    {{ of }}_loaded_at desc, {{ of }}_dlt_load_id desc, {{ of }}_dlt_id desc
{%- endmacro %}

{# Column names as the engine quotes them, with commas. #}
{% macro quoted_columns(names, alias='') %}
    {%- set quoted = [] -%}
    {%- for name in names %}{% do quoted.append((alias ~ '.' if alias else '') ~ adapter.quote(name)) %}{% endfor -%}
    {{ return(quoted | join(', ')) }}
{% endmacro %}

{# Whether two rows have one key; an empty part of a key is a value like any other. #}
{% macro same_key(key, left, right) -%}
    {%- for column in key -%}
    {{ left }}.{{ adapter.quote(column) }} is not distinct from {{ right }}.{{ adapter.quote(column) }}{{ ' and ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{# The raw tables that staging reads and that have a key: a later row of one replaces the one before. #}
{% macro keyed_tables() %}
    {% set known = {
        'demo_usage': [('usage', 'events', ['workspace', 'user', 'feature', 'occurred_at'])],
        'demo_crm': [
            ('crm', 'calls', ['id']), ('crm', 'tickets', ['id']), ('crm', 'companies', ['id']), ('crm', 'owners', ['id']),
            ('crm', 'people', ['id']),
        ],
        'demo_billing': [
            ('billing', 'payments', ['id']), ('billing', 'refunds', ['id']), ('billing', 'invoices', ['id']),
            ('billing', 'subscription_periods', ['id']), ('billing', 'customers', ['id']),
        ],
    } %}
    {% set tables = [] %}
    {% for vendor in var('vendors') %}{% do tables.extend(known.get(vendor, [])) %}{% endfor %}
    {% for relation in var('mapping').values() %}
        {% for entry in relation if entry.key and (entry.source, entry.resource, entry.key) not in tables %}
            {% do tables.append((entry.source, entry.resource, entry.key)) %}
        {% endfor %}
    {% endfor %}
    {{ return(tables) }}
{% endmacro %}

{# Whether a raw table has a column: raw loaded by an older source may lack one that came later. #}
{% macro raw_has(source_name, resource, column) %}
    {% set table = raw_table(source_name, resource) %}
    {% if not table %}{{ return(false) }}{% endif %}
    {{ return(column in (adapter.get_columns_in_relation(table) | map(attribute='name'))) }}
{% endmacro %}
