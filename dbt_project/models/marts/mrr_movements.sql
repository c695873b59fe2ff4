with first_months as (
    select account_id, currency, min(month) as first_month
    from {{ ref('int_month_ends') }}
    group by account_id, currency
),

-- Every month from the first one on, so that a month without revenue is a row with 0.
every_month as (
    select
        first_months.account_id,
        months.month,
        first_months.currency,
        first_months.first_month,
        coalesce(month_ends.closing_mrr_minor, 0) as computed_closing_minor
    from first_months
    inner join {{ ref('int_months') }} as months on months.month >= first_months.first_month
    left join {{ ref('int_month_ends') }} as month_ends
        on
            month_ends.account_id = first_months.account_id
            and month_ends.currency = first_months.currency
            and month_ends.month = months.month
),

-- A closed month keeps what was closed; what is known better now is a correction in the first month after it.
with_closed as (
    select
        every_month.account_id,
        every_month.month,
        every_month.currency,
        every_month.first_month,
        every_month.computed_closing_minor,
        closed.closing_mrr_minor as closed_closing_minor,
        lag(every_month.computed_closing_minor, 1, 0) over months_in_order as computed_opening_minor,
        lag(closed.closing_mrr_minor) over months_in_order as closed_opening_minor,
        closed.opening_mrr_minor as closed_own_opening_minor,
        closed.new_minor as closed_new_minor,
        closed.expansion_minor as closed_expansion_minor,
        closed.contraction_minor as closed_contraction_minor,
        closed.churn_minor as closed_churn_minor,
        closed.reactivation_minor as closed_reactivation_minor,
        closed.correction_minor as closed_correction_minor
    from every_month
    left join {{ source('operations', 'closed_months') }} as closed
        on
            closed.account_id = every_month.account_id
            and closed.month = every_month.month
            and closed.currency = every_month.currency
    window months_in_order as (partition by every_month.account_id, every_month.currency order by every_month.month)
),

moved as (
    select
        *,
        coalesce(closed_opening_minor, computed_opening_minor) as opening_minor,
        computed_opening_minor - coalesce(closed_opening_minor, computed_opening_minor) as correction_minor,
        computed_closing_minor - computed_opening_minor as change_minor
    from with_closed
)

select
    account_id,
    month,
    currency,
    coalesce(closed_own_opening_minor, opening_minor) as opening_mrr_minor,
    coalesce(closed_new_minor, case when month = first_month then change_minor else 0 end) as new_minor,
    coalesce(closed_expansion_minor, case
        when month > first_month and computed_opening_minor > 0 and change_minor > 0 then change_minor else 0
    end) as expansion_minor,
    coalesce(closed_contraction_minor, case
        when computed_opening_minor > 0 and change_minor < 0 and computed_closing_minor > 0 then change_minor else 0
    end) as contraction_minor,
    coalesce(closed_churn_minor, case
        when computed_opening_minor > 0 and computed_closing_minor = 0 then change_minor else 0
    end) as churn_minor,
    coalesce(closed_reactivation_minor, case
        when month > first_month and computed_opening_minor = 0 then change_minor else 0
    end) as reactivation_minor,
    coalesce(closed_correction_minor, correction_minor) as correction_minor,
    coalesce(closed_closing_minor, computed_closing_minor) as closing_mrr_minor
from moved
where
    opening_minor <> 0 or computed_closing_minor <> 0 or correction_minor <> 0 or coalesce(closed_closing_minor, 0) <> 0
