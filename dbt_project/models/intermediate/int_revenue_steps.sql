{{ config(materialized="view") }}
-- One row per account and month with revenue at its start or end; MRR on hold counts as revenue, a pause is no loss.
-- Amounts in the row's currency: the account's, or the reporting one where it has several.
with night as (select * from {{ source('night', 'night') }}),

recurring as (
    select
        account_id,
        month,
        currency,
        plan,
        -- As it is known now: what was corrected is neither won nor lost.
        opening_mrr_minor + on_hold_minor + pause_minor + correction_minor as start_minor,
        closing_mrr_minor + on_hold_minor as end_minor,
        correction_minor,
        on_hold_minor,
        involuntary_churn_minor <> 0 as is_involuntary
    from {{ ref('mrr_movements') }}
),

several as (select distinct account_id from {{ ref('int_other_currencies') }}),

in_one_currency as (
    select
        recurring.account_id,
        recurring.month,
        min(night.currency) as currency,
        min(recurring.plan) as plan,
        cast(sum({{ to_minor('recurring.start_minor * rates.rate') }}) as bigint) as start_minor,
        cast(sum({{ to_minor('recurring.end_minor * rates.rate') }}) as bigint) as end_minor,
        cast(sum({{ to_minor('recurring.correction_minor * rates.rate') }}) as bigint) as correction_minor,
        cast(sum({{ to_minor('recurring.on_hold_minor * rates.rate') }}) as bigint) as on_hold_minor,
        bool_or(recurring.is_involuntary) as is_involuntary
    from recurring
    inner join several on several.account_id = recurring.account_id
    inner join {{ source('night', 'rates') }} as rates on rates.currency = recurring.currency
    cross join night
    group by recurring.account_id, recurring.month
),

-- A shop's customer is there until it has not ordered for the active days. Its revenue is what it ordered in them, a month's
-- worth: whoever orders every 90 days is neither lost nor won in between.
ordered as (
    select
        orders.account_id,
        months.month,
        {{ to_minor("sum(cast(orders.value as decimal(18, 0))) * 30.4375 / min(night.active_days)") }} as revenue_minor
    from {{ ref('int_dealings') }} as orders
    cross join night
    inner join {{ ref('int_months') }} as months
        on
            orders.activity_date <= months.closes_on
            and orders.activity_date > {{ add_days('months.closes_on', '-night.active_days') }}
            -- A month that still runs is none yet.
            and {{ next_month('months.month') }} <= {{ add_days('night.as_of', 1) }}
    where orders.kind = 'order' and night.company_kind = 'shop'
    group by orders.account_id, months.month
),

orders_in_order as (
    select
        account_id,
        month,
        revenue_minor,
        lag(month) over months_in_order as month_before,
        lag(revenue_minor) over months_in_order as before_minor,
        lead(month) over months_in_order as month_after
    from ordered
    where revenue_minor > 0
    window months_in_order as (partition by account_id order by month)
),

bought as (
    select
        account_id,
        month,
        case when {{ next_month('month_before') }} = month then before_minor else 0 end as start_minor,
        revenue_minor as end_minor
    from orders_in_order
    union all
    select
        account_id,
        {{ next_month('month') }} as month,
        revenue_minor as start_minor,
        0 as end_minor
    from orders_in_order
    cross join night
    where
        (month_after is null or month_after > {{ next_month('month') }})
        and {{ next_month(next_month('month')) }} <= {{ add_days('night.as_of', 1) }}
)

select account_id, month, currency, plan, start_minor, end_minor, correction_minor, on_hold_minor, is_involuntary
from recurring
where not exists (select 1 from several where several.account_id = recurring.account_id)
union all
select account_id, month, currency, plan, start_minor, end_minor, correction_minor, on_hold_minor, is_involuntary
from in_one_currency
union all
select
    bought.account_id, bought.month, night.currency, null as plan, bought.start_minor, bought.end_minor,
    0 as correction_minor, 0 as on_hold_minor, false as is_involuntary
from bought
cross join night
