{{ config(materialized='view') }}
with known_from as (
    select min(added_date) as added_date, min(removed_date) as removed_date
    from {{ ref('int_contacts') }}
),

counted as (
    select
        population.as_of,
        population.account_id,
        -- Who is gone without anybody having written down since when counts on no day.
        count(*) filter (
            where (contacts.added_date is null or contacts.added_date <= population.as_of)
            and (contacts.removed_date > population.as_of or (contacts.removed_date is null and contacts.is_active))
        ) as contact_count,
        count(*) filter (
            where contacts.added_date <= population.as_of and contacts.added_date > {{ add_days('population.as_of', -91) }}
        ) as contacts_added_91,
        count(*) filter (
            where contacts.removed_date <= population.as_of and contacts.removed_date > {{ add_days('population.as_of', -91) }}
        ) as contacts_removed_91
    from {{ ref('int_population') }} as population
    inner join {{ ref('int_contacts') }} as contacts on contacts.account_id = population.account_id
    group by population.as_of, population.account_id
)

select
    population.as_of,
    population.account_id,
    coalesce(counted.contact_count, 0) as contact_count,
    -- A company none of whose sources told it by then knows of none, which is not 0.
    case when known_from.added_date <= population.as_of then coalesce(counted.contacts_added_91, 0) end as contacts_added_91,
    case when known_from.removed_date <= population.as_of then coalesce(counted.contacts_removed_91, 0) end as contacts_removed_91
from {{ ref('int_population') }} as population
cross join known_from
left join counted on counted.as_of = population.as_of and counted.account_id = population.account_id
