-- One row per account and month with revenue, in the reporting currency: recurring for contracts, orders for a shop.
with night as (select * from {{ source('night', 'night') }}),

recurring as (
    select
        movements.account_id,
        movements.month,
        min(ends.plan) as plan,
        cast(sum({{ to_minor('movements.closing_mrr_minor * rates.rate') }}) as bigint) as revenue_minor
    from {{ ref('mrr_movements') }} as movements
    left join {{ source('night', 'rates') }} as rates on rates.currency = movements.currency
    left join {{ ref('int_month_ends') }} as ends
        on
            ends.account_id = movements.account_id
            and ends.month = movements.month
            and ends.currency = movements.currency
    group by movements.account_id, movements.month
),

ordered as (
    select
        orders.account_id,
        {{ month_of('orders.activity_date') }} as month,
        cast(null as varchar) as plan,
        cast(sum(cast(orders.value as decimal(18, 0))) as bigint) as revenue_minor
    from {{ ref('int_activity') }} as orders
    cross join night
    where orders.kind = 'order' and night.company_kind = 'shop'
    group by orders.account_id, {{ month_of('orders.activity_date') }}
)

select account_id, month, plan, revenue_minor from recurring where revenue_minor > 0
union all
select account_id, month, plan, revenue_minor from ordered where revenue_minor > 0
