with known_days as (
    select
        population.as_of,
        population.account_id,
        days.activity_date,
        days.contact_id,
        days.kind,
        {{ days_between('days.activity_date', 'population.as_of') }} as age_days
    from {{ ref('int_population') }} as population
    inner join {{ ref('int_person_days') }} as days
        on
            days.account_id = population.account_id
            and days.activity_date <= population.as_of
            and days.activity_date > {{ add_days('population.as_of', -56) }}
            and days.known_date <= population.as_of
)

select
    as_of,
    account_id,
    count(distinct case when age_days < 28 then kind end) as kinds_28,
    count(distinct case when age_days >= 28 then kind end) as kinds_prev_28,
    count(distinct case when age_days < 28 then nullif(contact_id, '') end) as people_active_28,
    count(distinct case when age_days >= 28 then nullif(contact_id, '') end) as people_active_prev_28
from known_days
group by as_of, account_id
