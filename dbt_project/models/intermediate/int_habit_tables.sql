-- Half 1 finds, half 2 reports; 0 is both together.
with parts as (select * from (values (0, 1), (0, 2), (1, 1), (2, 2)) as parts (part, half)),

sizes as (
    select
        parts.part,
        strata.milestone_day,
        strata.stratum,
        count(*) as accounts,
        count(*) filter (where strata.is_best) as best,
        count(*) filter (where strata.is_worst) as worst
    from {{ ref('int_habit_strata') }} as strata
    inner join parts on parts.half = strata.half
    group by parts.part, strata.milestone_day, strata.stratum
),

reached as (
    select
        parts.part,
        counts.milestone_day,
        counts.stratum,
        counts.habit,
        thresholds.threshold,
        cast(sum(counts.accounts) as bigint) as accounts,
        cast(sum(counts.best) as bigint) as best,
        cast(sum(counts.worst) as bigint) as worst
    from {{ ref('int_habit_counts') }} as counts
    inner join parts on parts.half = counts.half
    inner join {{ ref('int_habit_thresholds') }} as thresholds
        on
            thresholds.milestone_day = counts.milestone_day
            and thresholds.habit = counts.habit
            and counts.amount >= thresholds.threshold
    group by parts.part, counts.milestone_day, counts.stratum, counts.habit, thresholds.threshold
)

select
    sizes.part,
    thresholds.habit,
    thresholds.milestone_day,
    thresholds.threshold,
    sizes.stratum,
    sizes.best,
    sizes.worst,
    coalesce(reached.best, 0) as best_reached,
    coalesce(reached.worst, 0) as worst_reached,
    coalesce(reached.accounts, 0) as with_it,
    coalesce(reached.accounts - reached.worst, 0) as with_it_stayed,
    sizes.accounts - coalesce(reached.accounts, 0) as without_it,
    (sizes.accounts - sizes.worst) - coalesce(reached.accounts - reached.worst, 0) as without_it_stayed
from {{ ref('int_habit_thresholds') }} as thresholds
inner join sizes on sizes.milestone_day = thresholds.milestone_day
left join reached
    on
        reached.part = sizes.part
        and reached.milestone_day = sizes.milestone_day
        and reached.stratum = sizes.stratum
        and reached.habit = thresholds.habit
        and reached.threshold = thresholds.threshold
