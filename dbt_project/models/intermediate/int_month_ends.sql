-- One row per account, month and currency with recurring revenue at the end of it.
select
    subscriptions.account_id,
    months.month,
    subscriptions.currency,
    min(subscriptions.plan) as plan,
    cast(sum(subscriptions.mrr_minor) as bigint) as closing_mrr_minor
from {{ ref('int_months') }} as months
inner join {{ ref('int_subscriptions') }} as subscriptions
    on
        subscriptions.valid_from_date <= months.closes_on
        and (subscriptions.valid_to_date is null or subscriptions.valid_to_date > months.closes_on)
where subscriptions.status not in ('canceled', 'trialing', 'paused') and subscriptions.mrr_minor > 0
group by subscriptions.account_id, months.month, subscriptions.currency
