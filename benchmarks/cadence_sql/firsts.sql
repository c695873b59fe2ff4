-- Once an account: what it did in its first days, and when it reached a milestone.
with created as (select account, local(created_at)::date as created from accounts),
early as (
    select account, created, contact, kind, day, known_day, greatest(day, known_day) - created as age
    from created join person_days using (account)
    where created >= (select min(day) from days) and day between created and created + 90 and known_day < created + 91
),
steps as (
    select account, 1 as step, min(known_day) as reached, min(age) as age from early group by account, contact
    union all select account, 2, min(known_day), min(age) from early group by account, kind
    union all select account, 3, min(known_day), min(age) from early group by account, day
),
reached as (
    select account, count(*) filter (where step = 3 and age < 14) as days_14, count(*) filter (where step = 1 and age < 14) as people_14,
        count(*) filter (where step = 2 and age < 14) as kinds_14, list_sort(list(reached) filter (where step = 1)) as people,
        list_sort(list(reached) filter (where step = 2)) as kinds, list_sort(list(reached) filter (where step = 3)) as active
    from steps group by account
)
select account, created, case when created >= (select min(day) from days) then coalesce(days_14, 0) end as days_14,
    case when created >= (select min(day) from days) then coalesce(people_14, 0) end as people_14,
    case when created >= (select min(day) from days) then coalesce(kinds_14, 0) end as kinds_14,
    people[2] as second_person, people[3] as third_person, kinds[3] as third_kind, active[5] as fifth_day
from created left join reached using (account)
