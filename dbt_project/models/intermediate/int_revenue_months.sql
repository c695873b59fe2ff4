{{ config(materialized="view") }}
-- One row per account, month and currency of its contract with revenue, in the reporting currency; orders for a shop.
with night as (select * from {{ source('night', 'night') }}),

recurring as (
    select
        movements.account_id,
        movements.month,
        movements.currency,
        {{ to_minor('movements.closing_mrr_minor * rates.rate') }} as revenue_minor
    from {{ ref('mrr_movements') }} as movements
    left join {{ source('night', 'rates') }} as rates on rates.currency = movements.currency
    where movements.closing_mrr_minor > 0
),

ordered as (
    select
        orders.account_id,
        {{ month_of('orders.activity_date') }} as month,
        night.currency,
        cast(sum(cast(orders.value as decimal(18, 0))) as bigint) as revenue_minor
    from {{ ref('int_dealings') }} as orders
    cross join night
    where orders.kind = 'order' and night.company_kind = 'shop'
    group by orders.account_id, {{ month_of('orders.activity_date') }}, night.currency
)

select account_id, month, currency, revenue_minor from recurring
union all
select account_id, month, currency, revenue_minor from ordered where revenue_minor > 0
