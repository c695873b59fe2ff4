with night as (select * from {{ source('night', 'night') }}),

-- The first habit whose difference is told for sure. Where none is, coming back at all is what counts: a second active day
-- by day 14, a second day with an order by day 30.
candidates as (
    select habit, threshold, milestone_day, milestone, habit_rank as place
    from {{ ref('habits') }}
    where is_milestone and verdict = 'difference' and difference > 0
    union all
    select
        'active_days' as habit,
        2 as threshold,
        case when company_kind = 'shop' then 30 else 14 end as milestone_day,
        'none found: active_days_2_by_day_' || case when company_kind = 'shop' then '30' else '14' end as milestone,
        9999 as place
    from night
),

chosen as (
    select candidates.*
    from candidates
    where place = (select min(first_one.place) from candidates as first_one)
),

-- What the account has done so far, of its first 60 days: who reaches the milestone late has reached it.
done as (
    select
        first_days.account_id,
        chosen.milestone,
        chosen.threshold,
        {{ days_between('first_days.created_date', 'night.as_of') }} as age_days,
        chosen.milestone_day,
        case
            {%- for habit in early_habits() %}
            when chosen.habit = '{{ habit }}' then first_days.first_{{ early_days() | max }}_{{ habit }}
            {%- endfor %}
            when first_days.first_14_active_days is not null then case when kinds.account_id is null then 0 else 1 end
        end as amount
    from {{ ref('int_first_days') }} as first_days
    cross join chosen
    cross join night
    left join {{ ref('int_first_kinds') }} as kinds
        on kinds.account_id = first_days.account_id and 'used ' || kinds.kind = chosen.habit
)

select
    account_id,
    milestone,
    case when age_days >= milestone_day then amount < threshold end as missed_milestone
from done
