{{ config(materialized='view') }}
with night as (select * from {{ source('night', 'night') }}),

past as (
    select population.as_of, population.account_id, {{ add_days('population.as_of', 'night.horizon_days') }} as ends_on
    from {{ ref('int_population') }} as population
    cross join night
    where {{ add_days('population.as_of', 'night.horizon_days') }} <= night.as_of
),

cancelled as (
    select distinct past.as_of, past.account_id
    from past
    inner join {{ ref('int_subscriptions') }} as subscriptions
        on
            subscriptions.account_id = past.account_id
            and subscriptions.cancel_requested_date > past.as_of
            and subscriptions.cancel_requested_date <= past.ends_on
),

access_ended as (
    select distinct past.as_of, past.account_id
    from past
    inner join {{ ref('int_spells') }} as spells
        on spells.account_id = past.account_id and spells.ends_on > past.as_of and spells.ends_on <= past.ends_on
),

-- Nobody comes back to a company of contracts: with no night to join, an engine leaves the days of activity unread.
shop_days as (
    select days.account_id, days.activity_date
    from {{ ref('int_activity_days') }} as days
    inner join night on night.company_kind = 'shop' and days.activity_date <= night.as_of
),

came_back as (
    select distinct past.as_of, past.account_id
    from past
    inner join shop_days as days
        on days.account_id = past.account_id and days.activity_date > past.as_of and days.activity_date <= past.ends_on
),

payment_failed as (
    select distinct past.as_of, past.account_id
    from past
    inner join {{ ref('int_dealings') }} as events
        on
            events.account_id = past.account_id and events.kind = 'payment_failed'
            and events.activity_date > {{ add_days('past.as_of', -30) }} and events.activity_date <= past.ends_on
)

select
    past.as_of,
    past.account_id,
    case
        when night.company_kind = 'shop' then came_back.account_id is null
        else cancelled.account_id is not null or access_ended.account_id is not null
    end as left_in_horizon,
    case
        when night.company_kind = 'shop' then case when came_back.account_id is null then 'voluntary' end
        when cancelled.account_id is not null then 'voluntary'
        when access_ended.account_id is not null and payment_failed.account_id is not null then 'payment'
        when access_ended.account_id is not null then 'voluntary'
    end as left_kind
from past
cross join night
left join cancelled on cancelled.as_of = past.as_of and cancelled.account_id = past.account_id
left join access_ended on access_ended.as_of = past.as_of and access_ended.account_id = past.account_id
left join came_back on came_back.as_of = past.as_of and came_back.account_id = past.account_id
left join payment_failed on payment_failed.as_of = past.as_of and payment_failed.account_id = past.account_id
