{{ config(materialized='view') }}
-- The champion at a day: whoever was active on most days of the three months before the last four weeks.
with person_days as (
    select
        ages.as_of,
        days.account_id,
        days.contact_id,
        ages.age_days,
        ages.age_working_days
    from {{ ref('int_day_ages') }} as ages
    inner join {{ ref('int_person_days') }} as days on days.activity_date = ages.calendar_date and days.known_date <= ages.as_of
    where ages.age_days >= 0 and ages.age_days < 119 and days.contact_id <> ''
    group by ages.as_of, days.account_id, days.contact_id, ages.age_days, ages.age_working_days
),

people as (
    select
        as_of,
        account_id,
        contact_id,
        count(*) filter (where age_days >= 28) as active_days_prev_91,
        min(age_days) as days_silent,
        min(age_working_days) as silent_working_days
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
        silent_working_days,
        sum(active_days_prev_91) over (partition by as_of, account_id) as all_active_days,
        row_number() over (
            partition by as_of, account_id order by active_days_prev_91 desc, contact_id
        ) as rank_in_account
    from people
    where active_days_prev_91 > 0
)

select
    ranked.as_of,
    ranked.account_id,
    ranked.contact_id as champion_contact_id,
    ranked.active_days_prev_91 as champion_active_days_prev_91,
    cast(ranked.days_silent as integer) as champion_days_silent,
    cast(ranked.silent_working_days as integer) as champion_silent_working_days,
    {{ ratio('ranked.active_days_prev_91', 'ranked.all_active_days') }} as champion_share_prev,
    -- Gone from the customer's people, as far as a source says since when.
    coalesce(contacts.removed_date <= ranked.as_of, false) as champion_is_gone
from ranked
inner join {{ ref('int_population') }} as population on population.as_of = ranked.as_of and population.account_id = ranked.account_id
left join {{ ref('int_contacts') }} as contacts on contacts.contact_id = ranked.contact_id
where ranked.rank_in_account = 1
