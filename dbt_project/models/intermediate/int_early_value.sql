with night as (select * from {{ source('night', 'night') }}),

-- What a contract brings in tonight.
paying as (
    select
        subscriptions.account_id,
        cast(sum(subscriptions.mrr_reporting_minor) as bigint) as value_minor
    from {{ ref('int_contracts') }} as subscriptions
    cross join night
    where
        subscriptions.status <> 'canceled'
        and subscriptions.valid_from_date <= night.as_of
        and (subscriptions.valid_to_date is null or subscriptions.valid_to_date > night.as_of)
    group by subscriptions.account_id
),

-- What a shop's customer ordered after the days that are judged, so that no habit of the first days counts as value; and
-- on the first day, which is its size.
ordering as (
    select
        lives.account_id,
        cast(sum(cast(orders.value as decimal(18, 0))) filter (
            where orders.activity_date > {{ add_days('lives.created_date', 'lives.judged_days') }}
            and orders.activity_date <= {{ add_days('lives.created_date', 'lives.judged_days + lives.grace_days') }}
        ) as bigint) as value_minor,
        cast(sum(cast(orders.value as decimal(18, 0))) filter (where orders.activity_date = lives.created_date) as bigint) as first_day_minor
    from {{ ref('int_early_lives') }} as lives
    inner join {{ ref('int_dealings') }} as orders on orders.account_id = lives.account_id and orders.kind = 'order'
    cross join night
    where night.company_kind = 'shop'
    group by lives.account_id
)

select
    lives.account_id,
    coalesce(paying.value_minor, ordering.value_minor, 0) as value_minor,
    coalesce(ordering.first_day_minor, 0) as first_day_minor
from {{ ref('int_early_lives') }} as lives
left join paying on paying.account_id = lives.account_id
left join ordering on ordering.account_id = lives.account_id
