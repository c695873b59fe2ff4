-- One row per month, currency, first month, plan, channel and country: accounts and revenue at its start and end.
with steps as (select * from {{ ref('int_revenue_steps') }}),

cohorts as (
    select
        account_id,
        min(month) as cohort_month
    from steps
    where end_minor > 0
    group by account_id
),

placed as (
    select
        steps.month,
        steps.currency,
        coalesce(cohorts.cohort_month, steps.month) as cohort_month,
        coalesce(steps.plan, accounts.plan, 'unknown') as plan,
        coalesce(accounts.channel, 'unknown') as channel,
        coalesce(accounts.country, 'unknown') as country,
        steps.start_minor,
        steps.end_minor,
        steps.correction_minor,
        steps.on_hold_minor,
        steps.is_involuntary,
        steps.start_minor > 0 as is_there,
        steps.end_minor > 0 as stays,
        case when steps.end_minor = 0 then {{ to_minor('steps.start_minor * rates.rate') }} end as lost_reporting_minor
    from steps
    left join {{ source('night', 'rates') }} as rates on rates.currency = steps.currency
    left join cohorts on cohorts.account_id = steps.account_id
    left join {{ ref('int_accounts') }} as accounts on accounts.account_id = steps.account_id
    where not coalesce(accounts.is_internal, false)
)

select
    month,
    currency,
    cohort_month,
    plan,
    channel,
    country,
    count(*) filter (where is_there) as accounts_at_start,
    count(*) filter (where is_there and stays) as accounts_kept,
    count(*) filter (where not is_there and stays and month = cohort_month) as accounts_new,
    count(*) filter (where not is_there and stays and month > cohort_month) as accounts_back,
    count(*) filter (where is_there and not stays and is_involuntary) as accounts_lost_to_payment,
    cast(sum(start_minor) as bigint) as start_minor,
    cast(sum(end_minor) as bigint) as end_minor,
    cast(sum(least(start_minor, end_minor)) as bigint) as kept_minor,
    cast(coalesce(sum(end_minor) filter (where not is_there), 0) as bigint) as won_minor,
    cast(coalesce(sum(end_minor) filter (where not is_there and month > cohort_month), 0) as bigint) as won_back_minor,
    cast(coalesce(sum(start_minor) filter (where not stays), 0) as bigint) as lost_minor,
    cast(coalesce(sum(start_minor) filter (where not stays and is_involuntary), 0) as bigint) as lost_to_payment_minor,
    -- For the spread of what leavers paid, in the reporting currency; exact, so that the order of rows cannot matter.
    coalesce(sum(cast(lost_reporting_minor as decimal(18, 0)) * cast(lost_reporting_minor as decimal(18, 0))), 0) as lost_squared,
    cast(sum(correction_minor) as bigint) as correction_minor,
    cast(sum(on_hold_minor) as bigint) as on_hold_minor
from placed
group by month, currency, cohort_month, plan, channel, country
