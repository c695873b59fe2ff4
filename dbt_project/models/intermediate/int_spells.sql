with night as (select * from {{ source('night', 'night') }}),

-- Time on a paying or trial period; a pause keeps the customer.
periods as not materialized (
    select
        account_id,
        valid_from_date as starts_on,
        coalesce(valid_to_date, date '9999-12-31') as ends_on,
        is_invoiced
    from {{ ref('int_contracts') }}
    where status <> 'canceled'
),

day_lists as (
    select
        account_id,
        min(starts_on) as first_starts_on,
        max(ends_on) as last_ends_on,
        cast(count(*) as integer) as period_count,
        {{ sorted_array('starts_on') }} as starts,
        {{ sorted_array('ends_on') }} as ends
    from periods
    group by account_id
),

-- Where the second begin is the first end, the third the second and so on, every period is reached by one before it: that is
-- one stay, without putting rows in order, which costs most.
accounts as (
    select
        account_id,
        first_starts_on,
        last_ends_on,
        starts[2:period_count] = ends[1:period_count - 1] as is_unbroken
    from day_lists
),

reached as (
    select
        periods.account_id,
        periods.starts_on,
        periods.is_invoiced,
        max(periods.ends_on) over (
            partition by periods.account_id order by periods.starts_on, periods.ends_on rows between unbounded preceding and 1 preceding
        ) as reached_before
    from periods
    inner join accounts on accounts.account_id = periods.account_id and not accounts.is_unbroken
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
)

select
    numbered.account_id,
    cast(numbered.spell_number as integer) as spell_number,
    numbered.starts_on,
    nullif(coalesce(numbered.ends_on, accounts.last_ends_on), date '9999-12-31') as ends_on
from numbered
inner join accounts on accounts.account_id = numbered.account_id
union all
select
    account_id,
    1 as spell_number,
    first_starts_on as starts_on,
    nullif(last_ends_on, date '9999-12-31') as ends_on
from accounts
where is_unbroken
