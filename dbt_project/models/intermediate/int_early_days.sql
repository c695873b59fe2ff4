with accounts as (
    select
        account_id,
        {{ company_date('created_at') }} as created_date
    from {{ ref('int_accounts') }}
)

select
    days.account_id,
    days.activity_date,
    days.contact_id,
    days.kind,
    -- Late news of a day counts from the day it became known, so that no day's figure leans on a later one.
    min({{ days_between('accounts.created_date', 'greatest(days.activity_date, days.known_date)') }}) as age_days
from {{ ref('int_person_days') }} as days
inner join accounts
    on
        accounts.account_id = days.account_id
        and days.activity_date >= accounts.created_date
        and days.activity_date < {{ add_days('accounts.created_date', early_days() | max) }}
where days.known_date < {{ add_days('accounts.created_date', early_days() | max) }}
group by days.account_id, days.activity_date, days.contact_id, days.kind
