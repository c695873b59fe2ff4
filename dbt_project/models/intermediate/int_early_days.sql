-- Not of int_person_days: DuckDB would keep all its rows in hand to read them twice.
with recorded as (select min(activity_date) as first_date from {{ ref('int_activity_days') }}),

created as (
    select
        account_id,
        {{ company_date('created_at') }} as created_date
    from {{ ref('int_accounts') }}
),

-- Whose first days were over when the record begins has none in it: most of an old company's accounts.
accounts as (
    select
        created.account_id,
        created.created_date,
        {{ add_days('created.created_date', milestone_days()) }} as until_date
    from created
    cross join recorded
    where {{ add_days('created.created_date', milestone_days()) }} > recorded.first_date
)

select
    days.account_id,
    days.activity_date,
    days.contact_id,
    days.kind,
    min(days.known_date) as known_date,
    -- Late news of a day counts from the day it became known, so that no day's figure leans on a later one.
    min({{ days_between('accounts.created_date', 'greatest(days.activity_date, days.known_date)') }}) as age_days
from {{ ref('int_person_days') }} as days
inner join accounts
    on
        accounts.account_id = days.account_id
        and days.activity_date >= accounts.created_date
        and days.activity_date < accounts.until_date
        and days.known_date < accounts.until_date
group by days.account_id, days.activity_date, days.contact_id, days.kind
