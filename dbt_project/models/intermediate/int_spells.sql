with night as (select * from {{ source('night', 'night') }}),

-- Time on a paying or trial period; a pause keeps the customer.
periods as (
    select
        account_id,
        valid_from_date as starts_on,
        coalesce(valid_to_date, date '9999-12-31') as ends_on,
        is_invoiced
    from {{ ref('int_contracts') }}
    where status <> 'canceled'
),

reached as (
    select
        account_id,
        starts_on,
        ends_on,
        is_invoiced,
        max(ends_on) over (
            partition by account_id order by starts_on, ends_on rows between unbounded preceding and 1 preceding
        ) as reached_before
    from periods
),

-- Back within the company's reactivation days is the same stay; the end of what was invoiced has waited for them already.
begun as (
    select
        reached.account_id,
        reached.starts_on,
        reached.reached_before
    from reached
    cross join night
    where
        reached.reached_before is null
        or reached.starts_on > {{ add_days('least(reached.reached_before, date \'9998-12-31\')', 'case when reached.is_invoiced then 0 else night.reactivation_days end') }}
),

-- A stay begins later than all before it reached, so what the next one finds reached is this one's end.
numbered as (
    select
        account_id,
        starts_on,
        row_number() over stays_in_order as spell_number,
        lead(reached_before) over stays_in_order as ends_on
    from begun
    window stays_in_order as (partition by account_id order by starts_on)
),

last_ends as (select account_id, max(ends_on) as ends_on from periods group by account_id)

select
    numbered.account_id,
    cast(numbered.spell_number as integer) as spell_number,
    numbered.starts_on,
    nullif(coalesce(numbered.ends_on, last_ends.ends_on), date '9999-12-31') as ends_on
from numbered
inner join last_ends on last_ends.account_id = numbered.account_id
