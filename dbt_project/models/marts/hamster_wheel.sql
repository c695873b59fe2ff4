-- Saved accounts leave evenly over the year, so that on average one pays for 6.5 of its 12 months.
{% set months_paid = 6.5 %}
-- Fewer leavers say too little of what a leaver pays: a mean of skewed money is not near normal below about thirty.
{% set least_leavers = 30 %}

with night as (select * from {{ source('night', 'night') }}),

base as (select * from {{ ref('retention') }} where cohort_kind = 'all'),

counted as (
    select
        groups.month,
        cast(sum(groups.accounts_new) as bigint) as accounts_won,
        cast(sum(groups.accounts_back) as bigint) as accounts_won_back,
        cast(sum(groups.accounts_lost_to_payment) as bigint) as accounts_lost_to_payment,
        {{ to_minor('coalesce(sum(groups.won_back_minor * rates.rate), 0)') }} as won_back_minor,
        {{ to_minor('coalesce(sum(groups.lost_to_payment_minor * rates.rate), 0)') }} as lost_to_payment_minor,
        {{ to_minor('coalesce(sum(groups.correction_minor * rates.rate), 0)') }} as correction_minor,
        {{ to_minor('coalesce(sum(groups.on_hold_minor * rates.rate), 0)') }} as on_hold_minor,
        sum(groups.lost_squared) as lost_squared
    from {{ ref('int_revenue_groups') }} as groups
    left join {{ source('night', 'rates') }} as rates on rates.currency = groups.currency
    group by groups.month
),

refunds as (
    select
        {{ month_of('activity_date') }} as month,
        cast(sum(cast(value as decimal(18, 0))) as bigint) as refunded_minor
    from {{ ref('int_dealings') }}
    where kind = 'refund'
    group by {{ month_of('activity_date') }}
),

turned as (
    select
        base.month,
        base.opening_mrr_minor - counted.correction_minor as opening_mrr_minor,
        base.won_minor,
        counted.won_back_minor,
        base.net_mrr_minor - base.kept_mrr_minor as expansion_minor,
        base.kept_mrr_minor + base.lost_minor - base.opening_mrr_minor as contraction_minor,
        base.lost_minor,
        counted.lost_to_payment_minor,
        counted.correction_minor,
        base.net_mrr_minor + base.won_minor as closing_mrr_minor,
        counted.on_hold_minor,
        least(base.won_minor, base.lost_minor) as replaced_minor,
        base.replaced_share,
        base.accounts_at_start,
        counted.accounts_won,
        counted.accounts_won_back,
        base.accounts_at_start - base.accounts_kept as accounts_lost,
        counted.accounts_lost_to_payment,
        base.accounts_at_end,
        counted.lost_squared
    from base
    inner join counted on counted.month = base.month
),

-- The twelve months that end with this one, or as many as there are.
yearly as (
    select
        turned.*,
        count(*) over last_twelve as months_counted,
        sum(accounts_won) over last_twelve as won_12,
        sum(accounts_lost) over last_twelve as lost_12,
        sum(lost_minor) over last_twelve as lost_12_minor,
        sum(lost_squared) over last_twelve as lost_12_squared
    from turned
    window last_twelve as (order by month rows between 11 preceding and current row)
),

leavers as (
    select
        yearly.*,
        cast(lost_12_minor as double precision) / nullif(lost_12, 0) as leaver_minor,
        accounts_at_end * {{ months_paid }} / 100 as months_of_a_point,
        case
            when lost_12 >= {{ least_leavers }} then 1.96 * sqrt(
                greatest(cast(lost_12_squared as double precision) - cast(lost_12_minor as double precision) * lost_12_minor / lost_12, 0)
                / (lost_12 - 1) / lost_12
            )
        end as leaver_margin_minor
    from yearly
)

select
    leavers.month,
    leavers.opening_mrr_minor,
    leavers.won_minor,
    leavers.won_back_minor,
    leavers.expansion_minor,
    leavers.contraction_minor,
    leavers.lost_minor,
    leavers.lost_to_payment_minor,
    leavers.correction_minor,
    leavers.closing_mrr_minor,
    leavers.on_hold_minor,
    coalesce(refunds.refunded_minor, 0) as refunded_minor,
    leavers.replaced_minor,
    leavers.replaced_share,
    leavers.accounts_at_start,
    leavers.accounts_won,
    leavers.accounts_won_back,
    leavers.accounts_lost,
    leavers.accounts_lost_to_payment,
    leavers.accounts_at_end,
    leavers.accounts_won * night.acquisition_cost_minor as acquisition_spend_minor,
    leavers.accounts_lost * night.acquisition_cost_minor as undone_spend_minor,
    cast(leavers.months_counted as integer) as months_counted,
    {{ ratio('leavers.lost_12 * leavers.months_counted', 'leavers.won_12') }} as undone_months,
    cast(leavers.lost_12 as bigint) as leavers_counted,
    {{ whole('leavers.leaver_minor') }} as leaver_mrr_minor,
    {{ whole('leavers.leaver_minor * leavers.months_of_a_point') }} as one_point_minor,
    {{ whole('(leavers.leaver_minor - leavers.leaver_margin_minor) * leavers.months_of_a_point') }} as one_point_low_minor,
    {{ whole('(leavers.leaver_minor + leavers.leaver_margin_minor) * leavers.months_of_a_point') }} as one_point_high_minor,
    case when leavers.lost_12 >= {{ least_leavers }} then 'estimate' else 'cannot tell yet' end as one_point_verdict
from leavers
cross join night
left join refunds on refunds.month = leavers.month
