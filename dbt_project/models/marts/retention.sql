with night as (select * from {{ source('night', 'night') }}),

revenue as (
    select
        revenue.account_id,
        revenue.month,
        revenue.revenue_minor,
        min(revenue.month) over (partition by revenue.account_id) as cohort_month,
        -- The plan it had then: today's would put every leaver among those without one.
        coalesce(revenue.plan, accounts.plan, 'unknown') as plan,
        coalesce(accounts.channel, 'unknown') as channel,
        coalesce(accounts.country, 'unknown') as country
    from {{ ref('int_revenue_months') }} as revenue
    left join {{ ref('accounts') }} as accounts on accounts.account_id = revenue.account_id
    where not coalesce(accounts.is_internal, false)
),

-- Each account's month beside the one before: start, end, and what moved.
pairs as (
    select
        months.month,
        coalesce(now.account_id, before.account_id) as account_id,
        coalesce(now.cohort_month, before.cohort_month) as cohort_month,
        coalesce(before.plan, now.plan) as plan,
        coalesce(now.channel, before.channel) as channel,
        coalesce(now.country, before.country) as country,
        coalesce(before.revenue_minor, 0) as opening_minor,
        coalesce(now.revenue_minor, 0) as closing_minor
    from {{ ref('int_months') }} as months
    inner join (
        select account_id, month from revenue
        union
        select account_id, {{ next_month('month') }} as month from revenue
    ) as touched on touched.month = months.month
    left join revenue as now on now.account_id = touched.account_id and now.month = months.month
    left join revenue as before on before.account_id = touched.account_id and {{ next_month('before.month') }} = months.month
    cross join night
    -- MRR is known any day; a shop's month that still runs would look like a lost one.
    where night.company_kind = 'contract' or {{ next_month('months.month') }} <= {{ add_days('night.as_of', 1) }}
),

grouped as (
    select 'all' as cohort_kind, 'all' as cohort, pairs.* from pairs
    union all
    select 'cohort' as cohort_kind, cast(cohort_month as varchar) as cohort, pairs.* from pairs
    union all
    select 'plan' as cohort_kind, plan as cohort, pairs.* from pairs
    union all
    select 'channel' as cohort_kind, channel as cohort, pairs.* from pairs
    union all
    select 'country' as cohort_kind, country as cohort, pairs.* from pairs
),

summed as (
    select
        cohort_kind,
        cohort,
        month,
        count(*) filter (where opening_minor > 0) as accounts_at_start,
        count(*) filter (where opening_minor > 0 and closing_minor > 0) as accounts_kept,
        cast(sum(opening_minor) as bigint) as opening_mrr_minor,
        cast(coalesce(sum(least(opening_minor, closing_minor)) filter (where opening_minor > 0), 0) as bigint) as kept_mrr_minor,
        cast(coalesce(sum(closing_minor) filter (where opening_minor > 0), 0) as bigint) as net_mrr_minor,
        cast(coalesce(sum(closing_minor) filter (where opening_minor = 0), 0) as bigint) as won_minor,
        cast(coalesce(sum(opening_minor) filter (where closing_minor = 0), 0) as bigint) as lost_minor
    from grouped
    group by cohort_kind, cohort, month
)

select
    cohort_kind,
    cohort,
    month,
    accounts_at_start,
    accounts_kept,
    {{ ratio('accounts_kept', 'accounts_at_start') }} as logo_retention_share,
    opening_mrr_minor,
    kept_mrr_minor,
    net_mrr_minor,
    {{ ratio('kept_mrr_minor', 'opening_mrr_minor') }} as gross_revenue_retention_share,
    {{ ratio('net_mrr_minor', 'opening_mrr_minor') }} as net_revenue_retention_share,
    won_minor,
    lost_minor,
    -- The hamster wheel: how much of what was won only replaced what was lost.
    {{ ratio('least(won_minor, lost_minor)', 'won_minor') }} as replaced_share
from summed
