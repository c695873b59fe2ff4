-- The champion at a day: whoever was active on most days of the three months before the last four weeks.
with person_days as (
    select
        population.as_of,
        population.account_id,
        days.contact_id,
        days.activity_date,
        ages.age_days,
        ages.age_working_days
    from {{ ref('int_population') }} as population
    inner join {{ ref('int_person_days') }} as days
        on
            days.account_id = population.account_id
            and days.contact_id <> ''
            and days.known_date <= population.as_of
    inner join {{ ref('int_day_ages') }} as ages
        on
            ages.as_of = population.as_of
            and ages.calendar_date = days.activity_date
            and ages.age_days >= 0 and ages.age_days < 119
),

people as (
    select
        as_of,
        account_id,
        contact_id,
        count(distinct case when age_days >= 28 then activity_date end) as active_days_prev_91,
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
left join {{ ref('int_contacts') }} as contacts on contacts.contact_id = ranked.contact_id
where ranked.rank_in_account = 1
