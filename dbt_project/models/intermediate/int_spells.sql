with night as (select * from {{ source('night', 'night') }}),

-- Time on a paying or trial period; a pause keeps the customer.
periods as (
    select
        account_id,
        valid_from_date as starts_on,
        coalesce(valid_to_date, date '9999-12-31') as ends_on
    from {{ ref('int_subscriptions') }}
    where status <> 'canceled'
),

reached as (
    select
        account_id,
        starts_on,
        ends_on,
        max(ends_on) over (
            partition by account_id order by starts_on, ends_on rows between unbounded preceding and 1 preceding
        ) as reached_before
    from periods
),

-- Back within the company's reactivation days is the same stay.
marked as (
    select
        reached.account_id,
        reached.starts_on,
        reached.ends_on,
        case
            when reached_before is null then 1
            when starts_on > {{ add_days('least(reached_before, date \'9998-12-31\')', 'night.reactivation_days') }} then 1
            else 0
        end as is_new_spell
    from reached
    cross join night
),

numbered as (
    select
        account_id,
        starts_on,
        ends_on,
        sum(is_new_spell) over (partition by account_id order by starts_on, ends_on) as spell_number
    from marked
)

select
    account_id,
    cast(spell_number as integer) as spell_number,
    min(starts_on) as starts_on,
    nullif(max(ends_on), date '9999-12-31') as ends_on
from numbered
group by account_id, spell_number
