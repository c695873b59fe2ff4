with night as (select * from {{ source('night', 'night') }}),

looked_at as (select count(*) as comparisons from {{ ref('int_habit_thresholds') }}),

judged as (select min(judged_days) as judged_days from {{ ref('int_early_lives') }}),

halves as (
    select
        reported.*,
        found.difference as found_difference,
        whole.difference as whole_difference,
        max(found.difference) over (partition by reported.habit) as most_found
    from {{ ref('int_habit_differences') }} as reported
    inner join {{ ref('int_habit_differences') }} as found
        on
            found.part = 1 and found.habit = reported.habit
            and found.milestone_day = reported.milestone_day and found.threshold = reported.threshold
    inner join {{ ref('int_habit_differences') }} as whole
        on
            whole.part = 0 and whole.habit = reported.habit
            and whole.milestone_day = reported.milestone_day and whole.threshold = reported.threshold
    where reported.part = 2
),

-- A habit's milestone: the largest difference in the half that finds; an earlier day is taken where it keeps nine tenths
-- of that, for it leaves more time to help.
found as (
    select
        halves.*,
        case
            when found_difference > 0 and found_difference >= 0.9 * most_found
                then row_number() over (
                    partition by habit, found_difference > 0 and found_difference >= 0.9 * most_found
                    order by milestone_day, found_difference desc, threshold
                )
        end as place
    from halves
),

tested as (
    select
        found.*,
        coalesce(found.place = 1, false) as is_milestone,
        looked_at.comparisons,
        judged.judged_days,
        -- One chance in twenty over everything that was looked at (Bonferroni): the interval and the verdict agree, and
        -- it holds however the habits hang together.
        {{ normal_quantile_above('(0.025 / looked_at.comparisons)') }} * found.standard_error as half_width,
        -- Below twenty on either side the interval's formula does not hold.
        least(found.best_n, found.worst_n) >= 20 as is_enough
    from found
    cross join looked_at
    cross join judged
),

told as (
    select
        tested.*,
        is_enough and coalesce(abs(difference) > half_width and standard_error > 0, false) as is_difference,
        case when is_milestone then row_number() over (partition by is_milestone order by whole_difference desc, habit) end as place_of_habit,
        case
            when habit = 'people' then cast(threshold as varchar) || ' or more people active'
            when habit = 'kinds' then cast(threshold as varchar) || ' or more kinds of activity'
            when habit = 'active_days' and night.company_kind = 'shop' then 'ordered on ' || cast(threshold as varchar) || ' or more days'
            when habit = 'active_days' then 'active on ' || cast(threshold as varchar) || ' or more days'
            else habit
        end || ' by day ' || cast(milestone_day as varchar) as milestone_words
    from tested
    cross join night
)

select
    habit,
    case
        when habit like 'used %' then replace(habit, ' ', '_')
        else habit || '_' || cast(threshold as varchar)
    end || '_by_day_' || cast(milestone_day as varchar) as milestone,
    milestone_day,
    threshold,
    is_milestone,
    cast(place_of_habit as integer) as habit_rank,
    best_n,
    worst_n,
    best_share,
    worst_share,
    difference,
    case when is_enough then {{ rounded('difference - half_width', 9) }} end as interval_low,
    case when is_enough then {{ rounded('difference + half_width', 9) }} end as interval_high,
    case when is_difference then 'difference' else 'cannot tell yet' end as verdict,
    found_difference,
    stay_with_share,
    stay_without_share,
    n,
    cast(strata as integer) as strata,
    cast(comparisons as integer) as comparisons,
    cast(judged_days as integer) as judged_days,
    milestone_words
    || case
        when not is_enough then ': cannot tell yet, too few accounts on one side (best ' || cast(best_n as varchar) || ', left early ' || cast(worst_n as varchar) || ')'
        when not is_difference then ': cannot tell yet, the difference may be ' || {{ per_cent('half_width') }} || ' points more or less'
        else ': ' || {{ per_cent('stay_with_share') }} || ' % stay ' || cast(judged_days as varchar) || ' days, otherwise '
        || {{ per_cent('stay_without_share') }} || ' %; an association, not a cause'
    end as words
from told
