-- Only rows of these subscriptions are put in order, which costs more than all the rest. Written out where it is read: to keep
-- every row for later would cost memory at size.
with subscriptions as not materialized ({{ union_sources('subscriptions', ['generic', 'demo_billing']) }}),

night as (select * from {{ source('night', 'night') }}),

known as not materialized (
    select
        subscriptions.subscription_id,
        subscriptions.valid_from,
        subscriptions.valid_to
    from subscriptions
    cross join night
    where
        subscriptions.subscription_id is not null
        and subscriptions.account_id is not null
        and subscriptions.valid_from < night.midnight_at
),

open_ended as (select distinct subscription_id from known where valid_to is null)

select distinct
    known.subscription_id,
    known.valid_from,
    min(known.valid_from) over (
        partition by known.subscription_id order by known.valid_from groups between 1 following and unbounded following
    ) as next_valid_from
from known
inner join open_ended on open_ended.subscription_id = known.subscription_id
