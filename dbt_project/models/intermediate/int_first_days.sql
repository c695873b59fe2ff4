-- What an account did before the recorded activity begins is unknown, which is not nothing.
with recorded as (select min(activity_date) as first_date from {{ ref('int_person_days') }}),

accounts as (
    select
        account_id,
        {{ company_date('created_at') }} as created_date
    from {{ ref('int_accounts') }}
),

early as (select * from {{ ref('int_early_days') }} where age_days < {{ early_days() | max }}),

-- The age at which each day, person and kind of an account was first known.
firsts as (
    select account_id, 'active_days' as habit, min(age_days) as age_days
    from early
    group by account_id, activity_date
    union all
    select account_id, 'people' as habit, min(age_days) as age_days
    from early
    where contact_id <> ''
    group by account_id, contact_id
    union all
    select account_id, 'kinds' as habit, min(age_days) as age_days
    from early
    group by account_id, kind
),

counted as (
    select
        account_id
        {%- for day in early_days() %}{% for habit in early_habits() %},
        count(*) filter (where habit = '{{ habit }}' and age_days < {{ day }}) as first_{{ day }}_{{ habit }}
        {%- endfor %}{% endfor %}
    from firsts
    group by account_id
)

select
    accounts.account_id,
    accounts.created_date
    {%- for day in early_days() %}{% for habit in early_habits() %},
    case when accounts.created_date >= recorded.first_date then coalesce(counted.first_{{ day }}_{{ habit }}, 0) end as first_{{ day }}_{{ habit }}
    {%- endfor %}{% endfor %}
from accounts
cross join recorded
left join counted on counted.account_id = accounts.account_id
