{# A raw table, or none where nothing was ever loaded. #}
{% macro raw_table(source_name, resource) %}
    {% if not execute %}{{ return(none) }}{% endif %}
    {{ return(adapter.get_relation(database=raw_database(), schema=source_name, identifier=resource)) }}
{% endmacro %}

{# Rows of a raw table that staging may read: of accepted loads, not in quarantine, the newest version of each key.
   Without a key every row is one of its own, and nothing has to be ranked. #}
{% macro accepted_rows(source_name, resource, key) %}
    {% if not key %}
    {{ accepted_versions(source_name, resource) }}
    {% else %}
    {#- Few keys have versions: to rank every row of a large table costs more than to find the keys that need it. #}
    (
        with accepted as not materialized ({{ accepted_versions(source_name, resource) }}),

        repeated_keys as (select {{ quoted_columns(key) }} from accepted group by {{ quoted_columns(key) }} having count(*) > 1),

        ranked as (
            select
                accepted._dlt_id as row_id,
                row_number() over (partition by {{ quoted_columns(key, 'accepted') }} order by {{ newest_first('accepted') }}) as version_number
            from accepted
            inner join repeated_keys on {{ same_key(key, 'repeated_keys', 'accepted') }}
        )

        select accepted.*
        from accepted
        where accepted._dlt_id not in (select row_id from ranked where version_number > 1)
    )
    {% endif %}
{% endmacro %}

{# The same with every version of a key. Staging of events reads this: to rank a hundred million events each night costs
   more than all the rest, so int_replaced_rows keeps which of them are out of date. #}
{% macro accepted_versions(source_name, resource) %}
    {% set quarantine = raw_table('quarantine', 'rows') %}
    select raw_rows.*
    from {{ raw_table(source_name, resource) }} as raw_rows
    where
        _dlt_load_id in (
            select load_id from {{ source('night', 'loads') }}
            where source = '{{ source_name }}' and resource = '{{ resource }}'
        )
        {% if quarantine %}
        and not exists (
            select 1 from {{ quarantine }} as bad_rows
            where
                bad_rows.row_id = raw_rows._dlt_id
                and bad_rows.source = '{{ source_name }}' and bad_rows.resource = '{{ resource }}'
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

{# The raw tables that events come from, with their keys: where a key has versions, int_replaced_rows ranks them. #}
{% macro event_logs() %}
    {% set logs = [] %}
    {% set known = {
        'demo_usage': [('usage', 'events', ['workspace', 'user', 'feature', 'occurred_at'])],
        'demo_crm': [('crm', 'calls', ['id']), ('crm', 'tickets', ['id'])],
        'demo_billing': [('billing', 'payments', ['id']), ('billing', 'refunds', ['id'])],
    } %}
    {% for vendor in var('vendors') %}{% do logs.extend(known.get(vendor, [])) %}{% endfor %}
    {% for entry in var('mapping').get('activity', []) %}
        {% if (entry.source, entry.resource, entry.key) not in logs %}{% do logs.append((entry.source, entry.resource, entry.key)) %}{% endif %}
    {% endfor %}
    {{ return(logs) }}
{% endmacro %}

{# Whether a raw table has a column: raw loaded by an older source may lack one that came later. #}
{% macro raw_has(source_name, resource, column) %}
    {% set table = raw_table(source_name, resource) %}
    {% if not table %}{{ return(false) }}{% endif %}
    {{ return(column in (adapter.get_columns_in_relation(table) | map(attribute='name'))) }}
{% endmacro %}
