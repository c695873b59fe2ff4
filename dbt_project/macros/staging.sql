{# A raw table, or none where nothing was ever loaded. #}
{% macro raw_table(source_name, resource) %}
    {% if not execute %}{{ return(none) }}{% endif %}
    {{ return(adapter.get_relation(database=raw_database(), schema=source_name, identifier=resource)) }}
{% endmacro %}

{# Rows of a raw table that staging may read: of accepted loads, not in quarantine, the newest version of each key. #}
{% macro accepted_rows(source_name, resource, key) %}
    {% set table = raw_table(source_name, resource) %}
    {% set quarantine = raw_table('quarantine', 'rows') %}
    select *
    from (
        select
            raw_rows.*,
            row_number() over (
                partition by {% if key %}{% for column in key %}{{ adapter.quote(column) }}{{ ', ' if not loop.last }}{% endfor %}{% else %}_dlt_id{% endif %}
                order by _loaded_at desc, _dlt_load_id desc, _dlt_id desc
            ) as version_number
        from {{ table }} as raw_rows
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
    ) as versions
    where version_number = 1
{% endmacro %}

{# Whether a raw table has a column: raw loaded by an older source may lack one that came later. #}
{% macro raw_has(source_name, resource, column) %}
    {% set table = raw_table(source_name, resource) %}
    {% if not table %}{{ return(false) }}{% endif %}
    {{ return(column in (adapter.get_columns_in_relation(table) | map(attribute='name'))) }}
{% endmacro %}
