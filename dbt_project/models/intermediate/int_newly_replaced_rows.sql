-- In a full build all of them; in an increment those that tonight's loads have put out of date.
{% set increment = is_increment() %}
{% for source_name, resource, key in keyed_tables() if raw_table(source_name, resource) %}
select
    '{{ source_name }}' as source,
    '{{ resource }}' as resource,
    _dlt_id as row_id,
    not is_new as was_counted
from (
    select
        _dlt_id,
        is_new,
        row_number() over (partition by {{ quoted_columns(key) }} order by {{ newest_first() }}) as version_number,
        row_number() over (partition by {{ quoted_columns(key) }}, is_new order by {{ newest_first() }}) as version_number_before
    from (
        select
            versions.*,
            {% if increment %}versions._dlt_load_id in ({{ new_load_ids() }}){% else %}true{% endif %} as is_new
        from ({{ accepted_versions(source_name, resource) }}) as versions
        -- Few keys have versions: to find them costs less than to rank every row.
        inner join (
            select {{ quoted_columns(key) }}
            from ({{ accepted_versions(source_name, resource) }}) as accepted
            {% if increment %}where _dlt_load_id in ({{ new_load_ids() }}){% endif %}
            group by {{ quoted_columns(key) }}
            {% if not increment %}having count(*) > 1{% endif %}
        ) as ranked_keys on {{ same_key(key, 'ranked_keys', 'versions') }}
    ) as marked
) as ranked
where version_number > 1 and (is_new or version_number_before = 1)
union all
{% endfor %}
select
    cast(null as varchar) as source,
    cast(null as varchar) as resource,
    cast(null as varchar) as row_id,
    cast(null as boolean) as was_counted
where false
