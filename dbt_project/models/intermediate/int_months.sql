with night as (select * from {{ source('night', 'night') }}),

first_money as (
    select min(day) as first_day
    from (
        select min(valid_from_date) as day from {{ ref('int_subscriptions') }}
        union all
        select min(covers_from_date) as day from {{ ref('int_invoiced_services') }} where service_mrr_minor is not null
        union all
        select min(activity_date) as day from {{ ref('int_dealings') }} where kind = 'order'
    ) as days
),

spine as (
    select cast({{ months_between('first_money.first_day', 'night.as_of') }} as date) as month
    from first_money
    cross join night
    where first_money.first_day is not null
)

select
    spine.month,
    {{ month_number('spine.month') }} as month_number,
    -- The month that still runs is taken as of the night.
    least({{ add_days(next_month('spine.month'), -1) }}, night.as_of) as closes_on
from spine
cross join night
