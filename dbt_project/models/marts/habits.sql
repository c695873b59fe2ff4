with night as (select * from {{ source('night', 'night') }}),

-- Judged are accounts old enough to have stayed or left: 180 days. Best: the upper half by value of those who stayed;
-- worst: left within 180 days. Both were still there on the milestone's day (landmark).
lives as (
    select
        accounts.account_id,
        accounts.value_minor,
        {{ company_date('accounts.created_at') }} as created_date,
        case
            when night.company_kind = 'shop' then seen.last_active_date
            else coalesce(spells.ends_on, night.as_of)
        end as last_day,
        night.as_of
    from {{ ref('accounts') }} as accounts
    cross join night
    left join (
        select account_id, max(coalesce(ends_on, date '9999-12-31')) as ends_on
        from {{ ref('int_spells') }}
        group by account_id
    ) as spells on spells.account_id = accounts.account_id
    left join (
        select account_id, max(activity_date) as last_active_date from {{ ref('int_activity_days') }} group by account_id
    ) as seen on seen.account_id = accounts.account_id
    where
        not accounts.is_internal
        and {{ days_between(company_date('accounts.created_at'), 'night.as_of') }} >= 180
        and (night.company_kind = 'shop' or spells.account_id is not null)
),

judged as (
    select
        lives.account_id,
        {{ days_between('lives.created_date', 'least(lives.last_day, lives.as_of)') }} as lived_days,
        {{ days_between('lives.created_date', 'least(lives.last_day, lives.as_of)') }} >= 180 as has_stayed,
        lives.value_minor,
        first_days.first_14_active_days as active_days,
        first_days.first_14_people as people,
        first_days.first_14_kinds as kinds
    from lives
    inner join {{ ref('int_first_days') }} as first_days on first_days.account_id = lives.account_id
    -- The first days of whoever came before the recorded activity begins are unknown.
    where first_days.first_14_active_days is not null
),

alive as (
    select
        judged.*,
        -- The upper half of those who stayed.
        has_stayed and cume_dist() over (partition by has_stayed order by value_minor) > 0.5 as is_best
    from judged
    where lived_days >= 14
),

measured as (
    select account_id, has_stayed, is_best, 'active_days' as habit, active_days as amount from alive
    union all
    select account_id, has_stayed, is_best, 'people' as habit, people as amount from alive
    union all
    select account_id, has_stayed, is_best, 'kinds' as habit, kinds as amount from alive
),

milestones as (
    select measured.*, thresholds.threshold, measured.amount >= thresholds.threshold as is_reached
    from measured
    inner join (values ('active_days', 2), ('active_days', 5), ('active_days', 8), ('people', 2), ('people', 3), ('people', 5), ('kinds', 2), ('kinds', 3), ('kinds', 5)) as thresholds (habit, threshold)
        on thresholds.habit = measured.habit
),

counted as (
    select
        habit,
        threshold,
        count(*) filter (where is_best) as best_n,
        count(*) filter (where not has_stayed) as worst_n,
        count(*) filter (where is_best and is_reached) as best_reached,
        count(*) filter (where not has_stayed and is_reached) as worst_reached,
        count(*) filter (where is_reached) as reached_n,
        count(*) filter (where is_reached and has_stayed) as reached_stayed,
        count(*) filter (where not is_reached) as missed_n,
        count(*) filter (where not is_reached and has_stayed) as missed_stayed,
        count(*) as n
    from milestones
    group by habit, threshold
),

compared as (
    select
        counted.*,
        {{ ratio('best_reached', 'best_n') }} as best_share,
        {{ ratio('worst_reached', 'worst_n') }} as worst_share
    from counted
    where best_n >= 20 and worst_n >= 20
)

select
    habit,
    habit || '_' || cast(threshold as varchar) || '_by_day_14' as milestone,
    14 as milestone_day,
    threshold,
    best_n,
    worst_n,
    best_share,
    worst_share,
    {{ rounded('best_share - worst_share', 9) }} as difference,
    -- 95 % interval of a difference of two shares; 2.77 is the normal quantile for nine comparisons at once (Bonferroni).
    {{ rounded('best_share - worst_share - 2.77 * sqrt(best_share * (1 - best_share) / best_n + worst_share * (1 - worst_share) / worst_n)', 9) }} as interval_low,
    {{ rounded('best_share - worst_share + 2.77 * sqrt(best_share * (1 - best_share) / best_n + worst_share * (1 - worst_share) / worst_n)', 9) }} as interval_high,
    {{ ratio('reached_stayed', 'reached_n') }} as stay_with_share,
    {{ ratio('missed_stayed', 'missed_n') }} as stay_without_share,
    n
from compared
