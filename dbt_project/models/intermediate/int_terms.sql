{{ config(materialized='by_day') }}
with cut_offs as (
    select as_of as day from {{ source('night', 'night') }}
    union all
    select cutoff as day from {{ source('night', 'cutoffs') }}
),

in_force as (
    select
        cut_offs.day as as_of,
        subscriptions.*,
        row_number() over (
            partition by cut_offs.day, subscriptions.account_id, subscriptions.subscription_id
            order by subscriptions.valid_from desc
        ) as row_number_in_subscription
    from {{ ref('int_contracts') }} as subscriptions
    inner join cut_offs
        on {{ in_force_on('cut_offs.day', 'subscriptions') }}
)

select
    as_of,
    account_id,
    min(plan) as plan,
    case when min(currency) = max(currency) then min(currency) end as currency,
    cast(sum(mrr_minor) as bigint) as mrr_minor,
    cast(sum(mrr_reporting_minor) as bigint) as mrr_reporting_minor,
    cast(sum(seats) as bigint) as seats,
    bool_or(is_annual) as is_annual,
    max(discount_share) as discount_share,
    -- Nobody can use it: unpaid for good, or paused. While a payment is retried (past_due) the customer still has access.
    bool_and(status in ('suspended', 'unpaid', 'paused')) as is_suspended,
    -- Terms end together only when the last one does; without a stated end a contract can end any day.
    max(coalesce(ends_date, as_of)) as contract_ends_date,
    {{ is_cancelling('as_of') }} as is_cancelling
from in_force
where row_number_in_subscription = 1
group by as_of, account_id
