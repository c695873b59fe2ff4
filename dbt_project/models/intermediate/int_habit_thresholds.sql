with known as (
    select half, milestone_day, count(*) as accounts
    from {{ ref('int_habit_strata') }}
    group by half, milestone_day
),

amounts as (
    select milestone_day, habit, amount, sum(accounts) as accounts
    from {{ ref('int_habit_counts') }}
    where half = 1
    group by milestone_day, habit, amount
),

-- Shares of the half that finds; nobody's label is looked at.
reached as (
    select
        amounts.milestone_day,
        amounts.habit,
        amounts.amount,
        cast(
            sum(amounts.accounts) over (partition by amounts.milestone_day, amounts.habit order by amounts.amount desc)
            as double precision
        ) / known.accounts as reached_share
    from amounts
    inner join known on known.half = 1 and known.milestone_day = amounts.milestone_day
),

-- One threshold a tenth: what nearly everybody does, or nearly nobody, tells nothing apart.
ranked as (
    select
        milestone_day,
        habit,
        amount,
        row_number() over (partition by milestone_day, habit, floor(reached_share * 10) order by amount) as place
    from reached
    where reached_share between 0.1 and 0.9
)

select milestone_day, habit, cast(amount as integer) as threshold
from ranked
where place = 1
