-- One row per account, currency and time without recurring revenue after some: what kind of gap it is.
with night as (select * from {{ source('night', 'night') }}),

last_month as (select max(month) as month from {{ ref('int_months') }}),

gaps as (
    select
        ends.account_id,
        ends.currency,
        ends.plan,
        ends.closing_mrr_minor as before_minor,
        {{ next_month('ends.month') }} as gap_month,
        {{ add_months('ends.month', 'ends.months_until') }} as month_after
    from {{ ref('int_month_ends') }} as ends
    cross join last_month
    where ends.months_until > 1 or (ends.months_until is null and ends.month < last_month.month)
),

-- Until when invoices before the gap cover, and from when those after it; subscribers have stays instead.
covered as (
    select
        gaps.account_id,
        gaps.currency,
        gaps.gap_month,
        max(invoices.covers_to_date) filter (where gaps.month_after is null or invoices.covers_from_date < gaps.month_after) as covered_to,
        min(invoices.covers_from_date) filter (where invoices.covers_from_date >= gaps.month_after) as covered_from_after
    from gaps
    inner join {{ ref('int_invoiced_services') }} as invoices
        on invoices.account_id = gaps.account_id and invoices.currency = gaps.currency and invoices.service_mrr_minor is not null
    group by gaps.account_id, gaps.currency, gaps.gap_month
),

-- A subscriber stays as long as the stay that the gap begins in: paused, unpaid, or back within the reactivation days.
stays as (
    select
        gaps.account_id,
        gaps.currency,
        gaps.gap_month,
        max(coalesce(spells.ends_on, date '9999-12-31')) as ends_on
    from gaps
    inner join {{ ref('int_months') }} as months on months.month = gaps.gap_month
    inner join {{ ref('int_spells') }} as spells
        on
            spells.account_id = gaps.account_id
            and spells.starts_on <= months.closes_on
            and (spells.ends_on is null or spells.ends_on > months.closes_on)
    group by gaps.account_id, gaps.currency, gaps.gap_month
)

select
    gaps.account_id,
    gaps.currency,
    gaps.plan,
    gaps.before_minor,
    gaps.gap_month,
    gaps.month_after,
    case
        when elsewhere.account_id is not null then 'moved'
        -- The next invoice may be under way: until the reactivation days are over the last one counts on.
        when gaps.month_after is null and {{ add_days('covered.covered_to', 'night.reactivation_days') }} > night.as_of then 'carried'
        when covered.covered_from_after <= {{ add_days('covered.covered_to', 'night.reactivation_days') }} then 'held'
        when stays.account_id is not null then 'held'
        else 'gone'
    end as gap_kind,
    -- The month in which the stay ended without any revenue; null when revenue came back first, or it goes on.
    case
        when
            stays.ends_on <= night.as_of
            and (gaps.month_after is null or {{ month_of('stays.ends_on') }} < gaps.month_after)
            then {{ month_of('stays.ends_on') }}
    end as hold_ends_month
from gaps
cross join night
left join covered
    on covered.account_id = gaps.account_id and covered.currency = gaps.currency and covered.gap_month = gaps.gap_month
left join stays
    on
        stays.account_id = gaps.account_id
        and stays.currency = gaps.currency
        and stays.gap_month = gaps.gap_month
        -- Those of invoices wait for the next one, which is what is judged here.
        and covered.account_id is null
left join {{ ref('int_other_currencies') }} as elsewhere
    on elsewhere.account_id = gaps.account_id and elsewhere.currency = gaps.currency and elsewhere.month = gaps.gap_month
