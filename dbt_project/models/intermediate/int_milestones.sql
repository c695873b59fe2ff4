-- A milestone counts on the day on which it was known: so a past day is never told of one that became known later.
with recorded as (select min(activity_date) as first_date from {{ ref('int_activity_days') }}),

accounts as (
    select
        accounts.account_id,
        {{ company_date('accounts.created_at') }} as created_date
    from {{ ref('int_accounts') }} as accounts
),

early as (
    select
        days.account_id,
        days.contact_id,
        days.kind,
        days.activity_date,
        days.known_date
    from accounts
    cross join recorded
    inner join {{ ref('int_early_days') }} as days on days.account_id = accounts.account_id
    -- The first days of whoever came before the recorded activity begins are unknown.
    where accounts.created_date >= recorded.first_date
),

steps as (
    select account_id, 'person' as step, min(known_date) as reached_date from early where contact_id <> '' group by account_id, contact_id
    union all
    select account_id, 'kind' as step, min(known_date) as reached_date from early group by account_id, kind
    union all
    select account_id, 'active_day' as step, min(known_date) as reached_date from early group by account_id, activity_date
),

numbered as (
    select
        account_id,
        step,
        reached_date,
        row_number() over (partition by account_id, step order by reached_date) as step_number
    from steps
)

select
    account_id,
    min(case when step = 'person' and step_number = 2 then reached_date end) as second_person_date,
    min(case when step = 'person' and step_number = 3 then reached_date end) as third_person_date,
    min(case when step = 'kind' and step_number = 3 then reached_date end) as third_kind_date,
    min(case when step = 'active_day' and step_number = 5 then reached_date end) as fifth_active_day_date
from numbered
where step_number <= 5
group by account_id
