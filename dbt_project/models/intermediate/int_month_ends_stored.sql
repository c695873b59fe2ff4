-- Plans and currencies by number: as text they take a quarter longer to group, to order and to write.
with night as (select * from {{ source('night', 'night') }}),

-- From the first month at whose end a contract was in force to the first at whose end it was not.
subscribed as not materialized (
    select
        subscriptions.account_id,
        subscriptions.currency,
        subscriptions.plan,
        subscriptions.mrr_minor,
        {{ month_number('subscriptions.valid_from_date') }} as first_number,
        {{ month_number_ended('subscriptions.valid_to_date', 'night.as_of') }} as end_number,
        case when subscriptions.cancel_requested_date <= night.as_of then {{ month_number('subscriptions.cancel_requested_date') }} end
            as cancel_requested_number
    from {{ ref('int_subscriptions') }} as subscriptions
    cross join night
    where subscriptions.is_paid and subscriptions.mrr_minor > 0
),

invoiced as not materialized (
    select
        invoices.account_id,
        invoices.currency,
        cast(null as varchar) as plan,
        invoices.service_mrr_minor as mrr_minor,
        {{ month_number('invoices.covers_from_date') }} as first_number,
        {{ month_number_ended('invoices.covers_to_date', 'night.as_of') }} as end_number,
        cast(null as integer) as cancel_requested_number
    from {{ ref('int_invoiced_services') }} as invoices
    cross join night
    where invoices.service_mrr_minor is not null and invoices.covers_from_date <= night.as_of
),

contracts as not materialized (
    select * from subscribed
    union all
    select * from invoiced
),

served as (
    -- Where an account pays by the month, most are of one month: they need no join.
    select account_id, currency, plan, mrr_minor, cancel_requested_number, first_number as month_number
    from contracts
    where end_number = first_number + 1
    union all
    select
        contracts.account_id,
        contracts.currency,
        contracts.plan,
        contracts.mrr_minor,
        contracts.cancel_requested_number,
        months.month_number
    from contracts
    inner join {{ ref('int_months') }} as months
        on months.month_number >= contracts.first_number and months.month_number < contracts.end_number
    where contracts.end_number > contracts.first_number + 1
),

numbered as (
    select
        served.account_id,
        currencies.currency_number,
        plans.plan_number,
        served.month_number,
        served.mrr_minor,
        served.cancel_requested_number
    from served
    inner join {{ ref('int_currencies') }} as currencies on currencies.currency = served.currency
    left join {{ ref('int_plans') }} as plans on plans.plan = served.plan
),

closings as (
    select
        account_id,
        currency_number,
        month_number,
        min(plan_number) as plan_number,
        cast(sum(mrr_minor) as bigint) as closing_mrr_minor,
        cast(coalesce(sum(mrr_minor) filter (where cancel_requested_number <= month_number), 0) as bigint) as cancel_requested_minor
    from numbered
    group by account_id, currency_number, month_number
    -- What was credited in full is no revenue.
    having sum(mrr_minor) > 0
),

in_order as (
    select
        account_id,
        currency_number,
        month_number,
        plan_number,
        closing_mrr_minor,
        cancel_requested_minor,
        -- Null where it is the same.
        nullif(lag(plan_number) over months_in_order, plan_number) as plan_before_number,
        lag(closing_mrr_minor) over months_in_order as closing_before_minor,
        month_number - lag(month_number) over months_in_order as months_since,
        lead(month_number) over months_in_order - month_number as months_until
    from closings
    window months_in_order as (partition by account_id, currency_number order by month_number)
)

select
    in_order.account_id,
    in_order.currency_number,
    months.month,
    in_order.plan_number,
    in_order.closing_mrr_minor,
    in_order.cancel_requested_minor,
    in_order.plan_before_number,
    in_order.closing_before_minor,
    in_order.months_since,
    in_order.months_until
from in_order
inner join {{ ref('int_months') }} as months on months.month_number = in_order.month_number
