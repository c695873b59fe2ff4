{{ config(materialized='view') }}
with rises as (
    select
        population.as_of,
        population.account_id,
        changes.changed_on,
        changes.price_rise_share,
        row_number() over (partition by population.as_of, population.account_id order by changes.changed_on desc) as newest
    from {{ ref('int_population') }} as population
    inner join {{ ref('int_price_changes') }} as changes
        on
            changes.account_id = population.account_id
            and changes.price_rise_share > 0
            and changes.changed_on <= population.as_of
            and changes.changed_on > {{ add_days('population.as_of', -180) }}
),

downgrades as (
    select
        population.as_of,
        population.account_id,
        count(*) as downgrades_182
    from {{ ref('int_population') }} as population
    inner join {{ ref('int_price_changes') }} as changes
        on
            changes.account_id = population.account_id
            and changes.is_downgrade
            and changes.changed_on <= population.as_of
            and changes.changed_on > {{ add_days('population.as_of', -182) }}
    group by population.as_of, population.account_id
),

mrr_before as (
    select
        population.as_of,
        population.account_id,
        cast(sum(subscriptions.mrr_reporting_minor) as bigint) as mrr_91_days_before_minor
    from {{ ref('int_population') }} as population
    inner join {{ ref('int_contracts') }} as subscriptions
        on
            subscriptions.account_id = population.account_id
            and {{ in_force_on(add_days('population.as_of', -91), 'subscriptions') }}
    group by population.as_of, population.account_id
)

select
    population.as_of,
    population.account_id,
    mrr_before.mrr_91_days_before_minor,
    {{ rounded('coalesce(rises.price_rise_share, 0)', 9) }} as price_rise_share_180,
    {{ days_between('rises.changed_on', 'population.as_of') }} as days_since_price_rise,
    coalesce(downgrades.downgrades_182, 0) as downgrades_182
from {{ ref('int_population') }} as population
left join rises on rises.as_of = population.as_of and rises.account_id = population.account_id and rises.newest = 1
left join downgrades on downgrades.as_of = population.as_of and downgrades.account_id = population.account_id
left join mrr_before on mrr_before.as_of = population.as_of and mrr_before.account_id = population.account_id
