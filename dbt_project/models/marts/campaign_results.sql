with night as (select * from {{ source('night', 'night') }}),

-- A shop earns on the day of an order, a contract on the first of each month.
earned as (
    select
        orders.account_id,
        orders.activity_date as earned_on,
        cast(sum(cast(orders.value as decimal(18, 0))) as bigint) as revenue_minor
    from {{ ref('int_dealings') }} as orders
    cross join night
    where orders.kind = 'order' and night.company_kind = 'shop'
    group by orders.account_id, orders.activity_date
    union all
    select
        revenue.account_id,
        revenue.month as earned_on,
        revenue.revenue_minor
    from {{ ref('int_revenue_months') }} as revenue
    cross join night
    where
        night.company_kind = 'contract'
        and revenue.account_id in (select account_id from {{ source('operations', 'assignments') }})
    union all
    select
        refunds.account_id,
        refunds.activity_date as earned_on,
        -cast(sum(cast(refunds.value as decimal(18, 0))) as bigint) as revenue_minor
    from {{ ref('int_dealings') }} as refunds
    where refunds.kind = 'refund'
    group by refunds.account_id, refunds.activity_date
),

days as (select cast(day as integer) as day from (values (30), (60), (90)) as list (day)),

-- Intention to treat: everybody drawn into an arm, whatever became of the message.
followed as (
    select
        assignments.campaign,
        assignments.arm,
        days.day,
        assignments.account_id,
        {{ add_days('assignments.day_zero', 'days.day') }} as judged_on,
        {{ add_days('assignments.day_zero', 'days.day') }} <= night.as_of as is_matured,
        case
            when night.company_kind = 'shop' then exists (
                select 1 from {{ ref('int_activity_days') }} as activity
                where
                    activity.account_id = assignments.account_id
                    and activity.activity_date > assignments.day_zero
                    and activity.activity_date <= {{ add_days('assignments.day_zero', 'days.day') }}
            )
            else exists (
                select 1 from {{ ref('int_contracts') }} as subscriptions
                where
                    subscriptions.account_id = assignments.account_id
                    and subscriptions.status <> 'canceled'
                    and subscriptions.valid_from_date <= {{ add_days('assignments.day_zero', 'days.day') }}
                    and (subscriptions.valid_to_date is null or subscriptions.valid_to_date > {{ add_days('assignments.day_zero', 'days.day') }})
                    and (
                        subscriptions.cancel_requested_date is null
                        or subscriptions.cancel_requested_date > {{ add_days('assignments.day_zero', 'days.day') }}
                    )
            )
        end as is_still_here,
        coalesce((
            select sum(earned.revenue_minor) from earned
            where
                earned.account_id = assignments.account_id
                and earned.earned_on > assignments.day_zero
                and earned.earned_on <= {{ add_days('assignments.day_zero', 'days.day') }}
        ), 0) as revenue_minor
    from {{ source('operations', 'assignments') }} as assignments
    cross join days
    cross join night
),

counted as (
    select
        campaign,
        arm,
        day,
        count(*) as assigned,
        count(*) filter (where is_matured) as matured,
        count(*) filter (where is_matured and is_still_here) as still_here,
        cast(coalesce(sum(revenue_minor) filter (where is_matured), 0) as bigint) as net_revenue_minor
    from followed
    group by campaign, arm, day
),

compared as (
    select
        treated.*,
        {{ ratio('treated.still_here', 'treated.matured') }} as still_here_share,
        control.matured as control_matured,
        {{ ratio('control.still_here', 'control.matured') }} as control_share
    from counted as treated
    left join counted as control
        on control.campaign = treated.campaign and control.day = treated.day and control.arm = 'holdout' and treated.arm = 'treated'
),

-- Agresti and Caffo (2000): one success and one failure added to each arm, an interval that holds for small ones too.
adjusted as (
    select
        compared.*,
        (still_here + 1.0) / (matured + 2) as treated_adjusted,
        (control_share * control_matured + 1.0) / (control_matured + 2) as control_adjusted
    from compared
)

select
    campaign,
    arm,
    day,
    assigned,
    matured,
    still_here,
    still_here_share,
    net_revenue_minor,
    {{ rounded('still_here_share - control_share', 9) }} as difference,
    {{ rounded('''treated_adjusted - control_adjusted - 1.96 * sqrt(
        treated_adjusted * (1 - treated_adjusted) / (matured + 2) + control_adjusted * (1 - control_adjusted) / (control_matured + 2)
    )''', 9) }} as interval_low,
    {{ rounded('''treated_adjusted - control_adjusted + 1.96 * sqrt(
        treated_adjusted * (1 - treated_adjusted) / (matured + 2) + control_adjusted * (1 - control_adjusted) / (control_matured + 2)
    )''', 9) }} as interval_high,
    case
        when arm <> 'treated' then null
        when matured >= 100 and control_matured >= 100 and matured = assigned then 'difference'
        else 'cannot tell yet'
    end as verdict
from adjusted
