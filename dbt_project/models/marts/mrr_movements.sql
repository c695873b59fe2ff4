with closed_range as (
    select
        min(month) as first_closed,
        max(month) as last_closed
    from {{ source('operations', 'closed_months') }}
),

known as (
    select account_id, currency, month as revenue_month, month from {{ ref('int_month_ends') }}
    union all
    -- What was closed stays, even where billing now knows nothing of it.
    select account_id, currency, cast(null as date) as revenue_month, month from {{ source('operations', 'closed_months') }}
),

first_months as (
    select
        account_id,
        currency,
        min(revenue_month) as first_month,
        min(month) as first_row
    from known
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
    inner join {{ ref('int_months') }} as months on months.month >= first_months.first_row
    left join {{ ref('int_month_ends') }} as month_ends
        on
            month_ends.account_id = first_months.account_id
            and month_ends.currency = first_months.currency
            and month_ends.month = months.month
),

-- A closed month keeps what was closed, and an account that it didn't have stays out of it; what is known better now is
-- a correction in the first month after it.
with_closed as (
    select
        every_month.account_id,
        every_month.month,
        every_month.currency,
        every_month.first_month,
        every_month.computed_closing_minor,
        every_month.month between closed_range.first_closed and closed_range.last_closed as is_closed,
        case
            when every_month.month between closed_range.first_closed and closed_range.last_closed
                then coalesce(closed.closing_mrr_minor, 0)
        end as closed_closing_minor,
        lag(every_month.computed_closing_minor, 1, 0) over months_in_order as computed_opening_minor,
        closed.opening_mrr_minor as closed_own_opening_minor,
        closed.new_minor as closed_new_minor,
        closed.expansion_minor as closed_expansion_minor,
        closed.contraction_minor as closed_contraction_minor,
        closed.churn_minor as closed_churn_minor,
        closed.reactivation_minor as closed_reactivation_minor,
        closed.correction_minor as closed_correction_minor
    from every_month
    cross join closed_range
    left join {{ source('operations', 'closed_months') }} as closed
        on
            closed.account_id = every_month.account_id
            and closed.month = every_month.month
            and closed.currency = every_month.currency
    window months_in_order as (partition by every_month.account_id, every_month.currency order by every_month.month)
),

opened as (
    select
        *,
        lag(closed_closing_minor) over (partition by account_id, currency order by month) as closed_opening_minor
    from with_closed
),

moved as (
    select
        *,
        coalesce(closed_opening_minor, computed_opening_minor) as opening_minor,
        computed_opening_minor - coalesce(closed_opening_minor, computed_opening_minor) as correction_minor,
        computed_closing_minor - computed_opening_minor as change_minor
    from opened
)

select
    account_id,
    month,
    currency,
    case when is_closed then closed_own_opening_minor else opening_minor end as opening_mrr_minor,
    case when is_closed then closed_new_minor when month = first_month then change_minor else 0 end as new_minor,
    case
        when is_closed then closed_expansion_minor
        when month > first_month and computed_opening_minor > 0 and change_minor > 0 then change_minor
        else 0
    end as expansion_minor,
    case
        when is_closed then closed_contraction_minor
        when computed_opening_minor > 0 and change_minor < 0 and computed_closing_minor > 0 then change_minor
        else 0
    end as contraction_minor,
    case
        when is_closed then closed_churn_minor
        when computed_opening_minor > 0 and computed_closing_minor = 0 then change_minor
        else 0
    end as churn_minor,
    case
        when is_closed then closed_reactivation_minor
        when month > first_month and computed_opening_minor = 0 then change_minor
        else 0
    end as reactivation_minor,
    case when is_closed then closed_correction_minor else correction_minor end as correction_minor,
    case when is_closed then closed_closing_minor else computed_closing_minor end as closing_mrr_minor
from moved
where
    case
        when is_closed then closed_own_opening_minor is not null
        else opening_minor <> 0 or computed_closing_minor <> 0 or correction_minor <> 0
    end
