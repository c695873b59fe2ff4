{{ config(materialized='by_day') }}
with night as (select * from {{ source('night', 'night') }}),

cut_offs as (
    select as_of as day from night
    union all
    select cutoff as day from {{ source('night', 'cutoffs') }}
),

contract_customers as (
    select
        terms.as_of,
        terms.account_id
    from {{ ref('int_terms') }} as terms
    inner join {{ ref('int_accounts') }} as accounts on accounts.account_id = terms.account_id
    cross join night
    where
        night.company_kind = 'contract'
        and not accounts.is_internal
        and not terms.is_cancelling
        and not terms.is_suspended
        and terms.contract_ends_date <= {{ add_days('terms.as_of', 'night.horizon_days') }}
),

shop_customers as (
    select distinct
        cut_offs.day as as_of,
        days.account_id
    from {{ ref('int_activity_days') }} as days
    cross join night
    inner join cut_offs
        on
            days.activity_date <= cut_offs.day
            and days.activity_date > {{ add_days('cut_offs.day', '-night.active_days') }}
            and days.known_date <= cut_offs.day
    inner join {{ ref('int_accounts') }} as accounts on accounts.account_id = days.account_id
    where night.company_kind = 'shop' and not accounts.is_internal
)

select as_of, account_id from contract_customers
union all
select as_of, account_id from shop_customers
