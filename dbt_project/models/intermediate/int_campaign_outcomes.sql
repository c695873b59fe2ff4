-- What became of everybody drawn into an arm: intention to treat, whatever became of the message. Under '*' the whole
-- programme: the universal holdout against all whom any campaign would have turned to, from the first time on.
with night as (select * from {{ source('night', 'night') }}),

-- Who has been merged away since is followed under the survivor's id.
drawn as (
    select
        assignments.campaign,
        {{ resolved_account('assignments') }} as account_id,
        assignments.account_id as drawn_id,
        assignments.arm,
        assignments.holdout_share,
        assignments.universal_share,
        assignments.day_zero
    from {{ source('operations', 'assignments') }} as assignments
    {{ join_account('assignments') }}
),

firsts as (
    select
        drawn.*,
        row_number() over (partition by drawn_id order by day_zero, campaign) as nth
    from drawn
),

followed as (
    select campaign, account_id, drawn_id, arm, holdout_share, day_zero from drawn
    union all
    select
        '*' as campaign,
        account_id,
        drawn_id,
        case when arm = 'universal_holdout' then arm else 'treated' end as arm,
        universal_share as holdout_share,
        day_zero
    from firsts
    where nth = 1
),

judged as (
    select
        followed.*,
        result_days.day,
        {{ add_days('followed.day_zero', 'result_days.day') }} as judged_on
    from followed
    cross join {{ source('night', 'result_days') }} as result_days
),

-- A contract is active and not set to end; a shop's customer has ordered since day 0.
stayed as (
    select distinct
        judged.campaign,
        judged.drawn_id,
        judged.day
    from judged
    cross join night
    inner join {{ ref('int_contracts') }} as contracts on contracts.account_id = judged.account_id
    where
        night.company_kind <> 'shop'
        and contracts.status not in ('canceled', 'unpaid', 'suspended')
        and contracts.valid_from_date <= judged.judged_on
        and (contracts.valid_to_date is null or contracts.valid_to_date > judged.judged_on)
        and (contracts.cancel_requested_date is null or contracts.cancel_requested_date > judged.judged_on)
    union
    select distinct
        judged.campaign,
        judged.drawn_id,
        judged.day
    from judged
    cross join night
    inner join {{ ref('int_dealings') }} as orders on orders.account_id = judged.account_id
    where
        night.company_kind = 'shop'
        and orders.kind = 'order'
        and orders.activity_date > judged.day_zero
        and orders.activity_date <= judged.judged_on
),

-- A shop earns on the day of an order, a contract on the first of each month; after discounts, as billed. Refunds are taken off.
earned as (
    select
        dealings.account_id,
        dealings.activity_date as earned_on,
        cast(sum(case when dealings.kind = 'order' then 1 else -1 end * cast(dealings.value as decimal(18, 0))) as bigint) as revenue_minor
    from {{ ref('int_dealings') }} as dealings
    cross join night
    where (dealings.kind = 'order' and night.company_kind = 'shop') or dealings.kind = 'refund'
    group by dealings.account_id, dealings.activity_date
    union all
    select
        revenue.account_id,
        revenue.month as earned_on,
        revenue.revenue_minor
    from {{ ref('int_revenue_months') }} as revenue
    cross join night
    where night.company_kind <> 'shop' and revenue.account_id in (select account_id from drawn)
),

revenue as (
    select
        judged.campaign,
        judged.drawn_id,
        judged.day,
        cast(sum(earned.revenue_minor) as bigint) as revenue_minor
    from judged
    inner join earned
        on
            earned.account_id = judged.account_id
            and earned.earned_on > judged.day_zero
            and earned.earned_on <= judged.judged_on
    group by judged.campaign, judged.drawn_id, judged.day
),

-- A task of the call list counts as a call when one within seven days shows: in the CRM, or reported.
tasks as (
    select
        campaign,
        account_id,
        as_of
    from {{ source('operations', 'contacts_made') }}
    where outcome = 'call'
),

reported as (
    select
        campaign,
        account_id,
        called_on
    from {{ source('operations', 'calls') }}
    where called_on is not null
),

seen_calls as (
    select
        tasks.campaign,
        tasks.account_id,
        min(calls.activity_date) as touched_on
    from tasks
    {{ join_account('tasks') }}
    inner join {{ ref('int_dealings') }} as calls
        on
            calls.account_id = {{ resolved_account('tasks') }}
            and calls.kind = 'call'
            and calls.activity_date > tasks.as_of
            and calls.activity_date <= {{ add_days('tasks.as_of', 7) }}
    left join reported
        on
            reported.campaign = tasks.campaign
            and reported.account_id = tasks.account_id
            and reported.called_on > tasks.as_of
            and reported.called_on <= {{ add_days('tasks.as_of', 7) }}
    where reported.account_id is null
    group by tasks.campaign, tasks.account_id, tasks.as_of
),

-- Mails that may have left, and calls.
contacts as (
    select campaign, account_id, as_of as touched_on
    from {{ source('operations', 'ledger') }}
    where mode = 'live' and status in ('handing_over', 'accepted', 'unknown')
    union all
    select campaign, account_id, called_on as touched_on from reported
    union all
    select campaign, account_id, touched_on from seen_calls
),

-- A campaign that is not measured draws no arms; its mails are no part of the programme, and spoil no comparison.
touched as (
    select contacts.*, drawn.campaign is not null as is_measured
    from contacts
    left join drawn on drawn.campaign = contacts.campaign and drawn.drawn_id = contacts.account_id
),

contacted as (
    select
        judged.campaign,
        judged.drawn_id,
        judged.day,
        count(*) filter (where touched.touched_on <= judged.judged_on) as contacts,
        count(*) as contacts_ever
    from judged
    inner join touched
        on
            touched.account_id = judged.drawn_id
            and touched.touched_on >= judged.day_zero
            and (touched.campaign = judged.campaign or (judged.campaign = '*' and touched.is_measured))
    group by judged.campaign, judged.drawn_id, judged.day
)

select
    judged.campaign,
    judged.drawn_id as account_id,
    judged.arm,
    judged.holdout_share,
    judged.day_zero,
    judged.day,
    accounts.account_id is not null as is_known,
    stayed.drawn_id is not null as is_still_here,
    coalesce(revenue.revenue_minor, 0) as revenue_minor,
    coalesce(contacted.contacts, 0) as contacts,
    judged.arm <> 'treated' and coalesce(contacted.contacts_ever, 0) > 0 as is_contaminated
from judged
left join {{ ref('int_accounts') }} as accounts on accounts.account_id = judged.account_id
left join stayed on stayed.campaign = judged.campaign and stayed.drawn_id = judged.drawn_id and stayed.day = judged.day
left join revenue on revenue.campaign = judged.campaign and revenue.drawn_id = judged.drawn_id and revenue.day = judged.day
left join contacted
    on
        contacted.campaign = judged.campaign
        and contacted.drawn_id = judged.drawn_id
        and contacted.day = judged.day
