with night as (select * from {{ source('night', 'night') }}),

accounts as (
    select first_days.account_id, first_days.created_date
    from {{ ref('int_first_days') }} as first_days
    inner join {{ ref('int_accounts') }} as accounts on accounts.account_id = first_days.account_id
    -- The first days of whoever came before the recorded activity begins are unknown.
    where not accounts.is_internal and first_days.first_14_active_days is not null
),

-- A contract is over when it ends or, earlier, when its end is asked for; a request that was taken back is none.
last_terms as (
    select
        spells.account_id,
        spells.ends_on,
        subscriptions.cancel_requested_date,
        row_number() over (
            partition by spells.account_id order by subscriptions.valid_from_date desc, subscriptions.subscription_id desc
        ) as newest
    from {{ ref('int_spells') }} as spells
    inner join {{ ref('int_contracts') }} as subscriptions
        on
            subscriptions.account_id = spells.account_id
            and (spells.ends_on is null or subscriptions.valid_from_date < spells.ends_on)
    where spells.spell_number = 1 and subscriptions.status <> 'canceled'
),

contract_lives as (
    select last_terms.account_id, least(last_terms.ends_on, last_terms.cancel_requested_date) as last_date
    from last_terms
    where last_terms.newest = 1
),

-- A shop's customer is gone after so many days without an order, and was last there on the day of the last one.
order_days as (
    select
        days.account_id,
        days.activity_date,
        lead(days.activity_date) over (partition by days.account_id order by days.activity_date) as next_date
    from {{ ref('int_activity_days') }} as days
    cross join night
    where days.is_first_news and night.company_kind = 'shop'
),

shop_lives as (
    select
        order_days.account_id,
        min(order_days.activity_date) filter (
            where {{ days_between('order_days.activity_date', 'coalesce(order_days.next_date, night.as_of)') }} > night.active_days
        ) as last_date
    from order_days
    cross join night
    group by order_days.account_id
),

lives as (
    select
        accounts.account_id,
        accounts.created_date,
        case when night.company_kind = 'shop' then shop_lives.last_date else contract_lives.last_date end as last_date,
        case when night.company_kind = 'shop' then night.active_days else 0 end as grace_days,
        night.as_of
    from accounts
    cross join night
    left join contract_lives on contract_lives.account_id = accounts.account_id
    left join shop_lives on shop_lives.account_id = accounts.account_id
    where contract_lives.account_id is not null or shop_lives.account_id is not null
),

aged as (
    select
        account_id,
        created_date,
        grace_days,
        as_of,
        case when last_date <= as_of then {{ days_between('created_date', 'last_date') }} end as lived_days,
        {{ days_between('created_date', 'as_of') }} - grace_days as known_days
    from lives
),

-- How early is early: a year with its first renewal and the thirty days in which a payment is retried. A company without
-- a hundred on either side of that (fifty a half) looks at half a year, or at a quarter.
spans as (
    select
        spans.judged_days,
        row_number() over (
            order by
                least(
                    count(*) filter (where aged.lived_days <= spans.judged_days),
                    count(*) filter (where aged.lived_days is null or aged.lived_days > spans.judged_days),
                    100
                ) desc,
                spans.judged_days desc
        ) as place
    from (values (395), (180), (90)) as spans (judged_days)
    left join aged on aged.known_days >= spans.judged_days
    group by spans.judged_days
)

select
    aged.account_id,
    aged.created_date,
    -- The first digit of the id's md5, which every engine has: 0 to 7 finds, 8 to f reports.
    case when substr(md5(aged.account_id), 1, 1) in ('0', '1', '2', '3', '4', '5', '6', '7') then 1 else 2 end as half,
    spans.judged_days,
    cast(aged.grace_days as integer) as grace_days,
    cast(aged.lived_days as integer) as lived_days
from aged
inner join spans on spans.place = 1 and aged.known_days >= spans.judged_days
