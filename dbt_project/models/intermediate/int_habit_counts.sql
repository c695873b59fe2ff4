with measured as (
    {%- for day in early_days() %}{% for habit in early_habits() %}
    select account_id, {{ day }} as milestone_day, '{{ habit }}' as habit, first_{{ day }}_{{ habit }} as amount
    from {{ ref('int_first_days') }}
    where first_{{ day }}_{{ habit }} > 0
    union all
    {%- endfor %}{% endfor %}
    {%- for day in early_days() %}
    select account_id, {{ day }} as milestone_day, 'used ' || kind as habit, 1 as amount
    from {{ ref('int_first_kinds') }}
    where age_days < {{ day }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select
    strata.half,
    strata.milestone_day,
    strata.stratum,
    measured.habit,
    measured.amount,
    count(*) as accounts,
    count(*) filter (where strata.is_best) as best,
    count(*) filter (where strata.is_worst) as worst
from {{ ref('int_habit_strata') }} as strata
inner join measured
    on measured.account_id = strata.account_id and measured.milestone_day = strata.milestone_day
group by strata.half, strata.milestone_day, strata.stratum, measured.habit, measured.amount
