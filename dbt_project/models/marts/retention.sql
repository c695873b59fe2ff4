with grouped as (
    select 'all' as cohort_kind, 'all' as cohort, groups.* from {{ ref('int_revenue_groups') }} as groups
    union all
    select 'cohort' as cohort_kind, cast(cohort_month as varchar) as cohort, groups.* from {{ ref('int_revenue_groups') }} as groups
    union all
    select 'plan' as cohort_kind, plan as cohort, groups.* from {{ ref('int_revenue_groups') }} as groups
    union all
    select 'channel' as cohort_kind, channel as cohort, groups.* from {{ ref('int_revenue_groups') }} as groups
    union all
    select 'country' as cohort_kind, country as cohort, groups.* from {{ ref('int_revenue_groups') }} as groups
),

-- Rounded once, at the end; a currency without a rate is left out of amounts, never of accounts.
summed as (
    select
        grouped.cohort_kind,
        grouped.cohort,
        grouped.month,
        case when grouped.cohort_kind = 'cohort' then min(grouped.cohort_month) end as cohort_month,
        cast(sum(grouped.accounts_at_start) as bigint) as accounts_at_start,
        cast(sum(grouped.accounts_kept) as bigint) as accounts_kept,
        cast(sum(grouped.accounts_kept + grouped.accounts_new + grouped.accounts_back) as bigint) as accounts_at_end,
        {{ to_minor('coalesce(sum(grouped.start_minor * rates.rate), 0)') }} as opening_mrr_minor,
        {{ to_minor('coalesce(sum(grouped.end_minor * rates.rate), 0)') }} as closing_mrr_minor,
        {{ to_minor('coalesce(sum(grouped.kept_minor * rates.rate), 0)') }} as kept_minor,
        {{ to_minor('coalesce(sum(grouped.won_minor * rates.rate), 0)') }} as won_minor,
        {{ to_minor('coalesce(sum(grouped.lost_minor * rates.rate), 0)') }} as lost_minor
    from grouped
    left join {{ source('night', 'rates') }} as rates on rates.currency = grouped.currency
    group by grouped.cohort_kind, grouped.cohort, grouped.month
),

-- What was kept is held to what the other amounts leave, so that rounding cannot break the sum.
balanced as (
    select
        summed.*,
        least(kept_minor, opening_mrr_minor - lost_minor, closing_mrr_minor - won_minor) as kept_mrr_minor,
        closing_mrr_minor - won_minor as net_mrr_minor,
        first_value(accounts_at_end) over months_in_order as first_accounts,
        first_value(closing_mrr_minor) over months_in_order as first_mrr_minor
    from summed
    window months_in_order as (partition by cohort_kind, cohort order by month)
)

select
    cohort_kind,
    cohort,
    month,
    cast(
        (extract(year from month) - extract(year from cohort_month)) * 12 + extract(month from month) - extract(month from cohort_month)
        as integer
    ) as age_months,
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
    {{ ratio('least(won_minor, lost_minor)', 'won_minor') }} as replaced_share,
    accounts_at_end,
    case when cohort_kind = 'cohort' then {{ ratio('accounts_at_end', 'first_accounts') }} end as logo_since_start_share,
    case when cohort_kind = 'cohort' then {{ ratio('closing_mrr_minor', 'first_mrr_minor') }} end as revenue_since_start_share
from balanced
