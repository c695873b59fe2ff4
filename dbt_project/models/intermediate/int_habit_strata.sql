with night as (select * from {{ source('night', 'night') }}),

-- A shop's customers come back more slowly than people use a product.
milestone_days as (
    select days.milestone_day
    from (values ('contract', 7), ('contract', 14), ('contract', 30), ('shop', 14), ('shop', 30), ('shop', 60)) as days (company_kind, milestone_day)
    inner join night on night.company_kind = days.company_kind
),

-- Landmark: only who was still there on the milestone's day.
alive as (
    select
        lives.account_id,
        lives.half,
        lives.judged_days,
        lives.lived_days,
        days.milestone_day,
        {{ add_days('lives.created_date', 'days.milestone_day') }} as landmark_date
    from {{ ref('int_early_lives') }} as lives
    cross join milestone_days as days
    where lives.lived_days is null or lives.lived_days + lives.grace_days > days.milestone_day
),

-- Plan and size on that day, not today's.
terms_then as (
    select
        alive.account_id,
        alive.milestone_day,
        min(subscriptions.plan) as plan,
        bool_or(subscriptions.is_annual) as is_annual,
        cast(sum(subscriptions.mrr_reporting_minor) as bigint) as mrr_minor
    from alive
    inner join {{ ref('int_contracts') }} as subscriptions
        on
            subscriptions.account_id = alive.account_id
            and subscriptions.valid_from_date <= alive.landmark_date
            and (subscriptions.valid_to_date is null or subscriptions.valid_to_date > alive.landmark_date)
            and subscriptions.status <> 'canceled'
    group by alive.account_id, alive.milestone_day
),

sized as (
    select
        alive.account_id,
        alive.half,
        alive.milestone_day,
        coalesce(terms_then.plan, 'no plan') || case when terms_then.is_annual then ', yearly' else '' end as plan,
        coalesce(terms_then.mrr_minor, early_value.first_day_minor) as size_minor,
        early_value.value_minor,
        alive.lived_days is null as is_here,
        coalesce(alive.lived_days <= alive.judged_days, false) as left_early
    from alive
    inner join {{ ref('int_early_value') }} as early_value on early_value.account_id = alive.account_id
    cross join night
    left join terms_then on terms_then.account_id = alive.account_id and terms_then.milestone_day = alive.milestone_day
    where night.company_kind = 'shop' or terms_then.account_id is not null
),

banded as (
    select
        sized.*,
        -- Thirds by size within a plan; equal sizes share a band.
        plan || ', third ' || cast(1 + cast(floor(
            3.0 * (rank() over (partition by milestone_day, plan order by size_minor) - 1)
            / count(*) over (partition by milestone_day, plan)
        ) as integer) as varchar) as stratum
    from sized
)

select
    account_id,
    half,
    milestone_day,
    stratum,
    left_early as is_worst,
    -- The upper half by value of those still here, within the stratum.
    is_here and 2 * (rank() over (partition by milestone_day, stratum, is_here order by value_minor desc) - 1)
    < count(*) over (partition by milestone_day, stratum, is_here) as is_best
from banded
