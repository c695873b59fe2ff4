-- What an account did before the recorded activity begins is unknown, which is not nothing.
with recorded as (select min(activity_date) as first_date from {{ ref('int_person_days') }}),

accounts as (
    select
        account_id,
        {{ company_date('created_at') }} as created_date
    from {{ ref('int_accounts') }}
),

counted as (
    select
        accounts.account_id,
        accounts.created_date,
        count(distinct days.activity_date) as active_days,
        count(distinct nullif(days.contact_id, '')) as people,
        count(distinct days.kind) as kinds
    from accounts
    left join {{ ref('int_person_days') }} as days
        on
            days.account_id = accounts.account_id
            and days.activity_date >= accounts.created_date
            and days.activity_date < {{ add_days('accounts.created_date', 14) }}
            -- Late news of these days doesn't count, so that no day's figure leans on a later one.
            and days.known_date < {{ add_days('accounts.created_date', 14) }}
    group by accounts.account_id, accounts.created_date
)

select
    counted.account_id,
    counted.created_date,
    case when counted.created_date >= recorded.first_date then counted.active_days end as first_14_active_days,
    case when counted.created_date >= recorded.first_date then counted.people end as first_14_people,
    case when counted.created_date >= recorded.first_date then counted.kinds end as first_14_kinds
from counted
cross join recorded
