-- Strata with best and worst customers say something about the difference; those with both sorts of accounts, about staying.
with weighed as (
    select
        part,
        habit,
        milestone_day,
        threshold,
        best,
        worst,
        with_it + without_it as accounts,
        {{ stratum_weight('best', 'worst') }} as weight,
        {{ stratum_weight('best', 'worst') }} * best_reached / nullif(best, 0) as best_part,
        {{ stratum_weight('best', 'worst') }} * worst_reached / nullif(worst, 0) as worst_part,
        {{ sato_p('best_reached', 'best', 'worst_reached', 'worst') }} as sato_p,
        {{ sato_q('best_reached', 'best', 'worst_reached', 'worst') }} as sato_q,
        {{ chance_variance('best_reached', 'best', 'worst_reached', 'worst') }} as chance_variance,
        {{ stratum_weight('with_it', 'without_it') }} as stay_weight,
        {{ stratum_weight('with_it', 'without_it') }} * with_it_stayed / nullif(with_it, 0) as with_it_part,
        {{ stratum_weight('with_it', 'without_it') }} * without_it_stayed / nullif(without_it, 0) as without_it_part
    from {{ ref('int_habit_tables') }}
),

summed as (
    select
        part,
        habit,
        milestone_day,
        threshold,
        cast(sum(best) filter (where weight > 0) as bigint) as best_n,
        cast(sum(worst) filter (where weight > 0) as bigint) as worst_n,
        cast(sum(accounts) as bigint) as n,
        count(*) filter (where weight > 0) as strata,
        sum(best_part) filter (where weight > 0) / nullif(sum(weight), 0) as best_share,
        sum(worst_part) filter (where weight > 0) / nullif(sum(weight), 0) as worst_share,
        sum(sato_p) filter (where weight > 0) as sato_p,
        sum(sato_q) filter (where weight > 0) as sato_q,
        sum(chance_variance) filter (where weight > 0) as chance_variance,
        nullif(sum(weight), 0) as weight,
        sum(with_it_part) filter (where stay_weight > 0) / nullif(sum(stay_weight), 0) as stay_with_share,
        sum(without_it_part) filter (where stay_weight > 0) / nullif(sum(stay_weight), 0) as stay_without_share
    from weighed
    group by part, habit, milestone_day, threshold
)

select
    part,
    habit,
    milestone_day,
    threshold,
    coalesce(best_n, 0) as best_n,
    coalesce(worst_n, 0) as worst_n,
    n,
    strata,
    {{ rounded('best_share', 9) }} as best_share,
    {{ rounded('worst_share', 9) }} as worst_share,
    {{ rounded('best_share - worst_share', 9) }} as difference,
    -- The larger of the two: at the difference seen, and where there is none. The first alone is too sure far from zero.
    {{ rounded('sqrt(greatest((best_share - worst_share) * sato_p + sato_q, chance_variance)) / weight', 9) }} as standard_error,
    {{ rounded('stay_with_share', 9) }} as stay_with_share,
    {{ rounded('stay_without_share', 9) }} as stay_without_share
from summed
