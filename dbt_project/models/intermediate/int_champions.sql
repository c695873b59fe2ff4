-- The champion at a day: whoever was active on most days of the three months before the last four weeks.
with person_days as (
    select
        population.as_of,
        population.account_id,
        days.contact_id,
        days.activity_date,
        {{ days_between('days.activity_date', 'population.as_of') }} as age_days
    from {{ ref('int_population') }} as population
    inner join {{ ref('int_person_days') }} as days
        on
            days.account_id = population.account_id
            and days.contact_id <> ''
            and days.activity_date <= population.as_of
            and days.activity_date > {{ add_days('population.as_of', -119) }}
            and days.known_date <= population.as_of
),

people as (
    select
        as_of,
        account_id,
        contact_id,
        count(distinct case when age_days >= 28 then activity_date end) as active_days_prev_91,
        min(age_days) as days_silent
    from person_days
    group by as_of, account_id, contact_id
),

ranked as (
    select
        as_of,
        account_id,
        contact_id,
        active_days_prev_91,
        days_silent,
        sum(active_days_prev_91) over (partition by as_of, account_id) as all_active_days,
        row_number() over (
            partition by as_of, account_id order by active_days_prev_91 desc, contact_id
        ) as rank_in_account
    from people
    where active_days_prev_91 > 0
)

select
    as_of,
    account_id,
    contact_id as champion_contact_id,
    active_days_prev_91 as champion_active_days_prev_91,
    cast(days_silent as integer) as champion_days_silent,
    {{ ratio('active_days_prev_91', 'all_active_days') }} as champion_share_prev
from ranked
where rank_in_account = 1
