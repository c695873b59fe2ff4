-- One row per account, currency and month with recurring revenue at the end of it, and how far the rows beside it are.
with night as (select * from {{ source('night', 'night') }}),

subscribed as (
    select
        subscriptions.account_id,
        subscriptions.currency,
        months.month,
        months.month_number,
        min(subscriptions.plan) as plan,
        cast(sum(subscriptions.mrr_minor) as bigint) as closing_mrr_minor,
        cast(coalesce(sum(subscriptions.mrr_minor) filter (where subscriptions.cancel_requested_date <= months.closes_on), 0) as bigint)
            as cancel_requested_minor
    from {{ ref('int_months') }} as months
    inner join {{ ref('int_subscriptions') }} as subscriptions
        on
            subscriptions.valid_from_date <= months.closes_on
            and (subscriptions.valid_to_date is null or subscriptions.valid_to_date > months.closes_on)
    where subscriptions.is_paid and subscriptions.mrr_minor > 0
    group by subscriptions.account_id, subscriptions.currency, months.month, months.month_number
),

-- Without subscriptions, an invoice that names its service period is a contract for that time.
services as not materialized (
    select
        invoices.account_id,
        invoices.currency,
        invoices.service_mrr_minor as mrr_minor,
        {{ month_number('invoices.covers_from_date') }} as first_number,
        -- The first month at whose end it is over.
        case
            when invoices.covers_to_date > night.as_of then {{ month_number('night.as_of') }} + 1
            else {{ month_number('invoices.covers_to_date') }}
        end as end_number
    from {{ ref('int_invoices') }} as invoices
    cross join night
    left join (select distinct account_id from {{ ref('int_subscriptions') }}) as subscribers
        on subscribers.account_id = invoices.account_id
    where invoices.service_mrr_minor is not null and invoices.covers_from_date <= night.as_of and subscribers.account_id is null
),

served as (
    -- Most invoices are of one month: they need no join.
    select account_id, currency, first_number as month_number, mrr_minor from services where end_number = first_number + 1
    union all
    select services.account_id, services.currency, months.month_number, services.mrr_minor
    from services
    inner join {{ ref('int_months') }} as months
        on months.month_number >= services.first_number and months.month_number < services.end_number
    where services.end_number > services.first_number + 1
),

invoiced as (
    select
        account_id,
        currency,
        month_number,
        cast(sum(mrr_minor) as bigint) as closing_mrr_minor
    from served
    group by account_id, currency, month_number
    -- What was credited in full is no revenue.
    having sum(mrr_minor) > 0
),

invoiced_in_order as (
    select
        account_id,
        currency,
        month_number,
        closing_mrr_minor,
        lag(closing_mrr_minor) over months_in_order as closing_before_minor,
        month_number - lag(month_number) over months_in_order as months_since,
        lead(month_number) over months_in_order - month_number as months_until
    from invoiced
    window months_in_order as (partition by account_id, currency order by month_number)
)

select
    account_id,
    currency,
    month,
    plan,
    closing_mrr_minor,
    cancel_requested_minor,
    lag(plan) over months_in_order as plan_before,
    lag(closing_mrr_minor) over months_in_order as closing_before_minor,
    month_number - lag(month_number) over months_in_order as months_since,
    lead(month_number) over months_in_order - month_number as months_until
from subscribed
window months_in_order as (partition by account_id, currency order by month_number)
union all
select
    invoiced.account_id,
    invoiced.currency,
    months.month,
    null as plan,
    invoiced.closing_mrr_minor,
    0 as cancel_requested_minor,
    null as plan_before,
    invoiced.closing_before_minor,
    invoiced.months_since,
    invoiced.months_until
from invoiced_in_order as invoiced
inner join {{ ref('int_months') }} as months on months.month_number = invoiced.month_number
