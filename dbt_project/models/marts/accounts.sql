with night as (select * from {{ source('night', 'night') }}),

terms as (
    select terms.*
    from {{ ref('int_terms') }} as terms
    inner join night on night.as_of = terms.as_of
),

-- The last plan, so that an account that left is counted where it was.
last_terms as (
    select
        account_id,
        plan
    from (
        select
            account_id,
            plan,
            row_number() over (partition by account_id order by valid_from desc, subscription_id desc) as newest
        from {{ ref('int_subscriptions') }}
        where plan is not null
    ) as ranked
    where newest = 1
),

last_spell as (
    select account_id, max(starts_on) as starts_on, max(coalesce(ends_on, date '9999-12-31')) as ends_on
    from {{ ref('int_spells') }}
    group by account_id
),

population as (
    select population.account_id
    from {{ ref('int_population') }} as population
    inner join night on night.as_of = population.as_of
),

-- An order that was given back is worth nothing; who gives back more than was ordered in the year is not worth less.
spent as (
    select
        dealings.account_id,
        cast(greatest(sum(case when dealings.kind = 'order' then 1 else -1 end * cast(dealings.value as decimal(18, 0))), 0) as bigint) as spend_365_minor
    from {{ ref('int_dealings') }} as dealings
    cross join night
    where dealings.kind in ('order', 'refund') and dealings.activity_date > {{ add_days('night.as_of', -365) }}
    group by dealings.account_id
),

touched as (
    select
        account_id,
        max(activity_date) filter (where kind in ('call', 'ticket')) as last_talked_date
    from {{ ref('int_dealings') }}
    group by account_id
),

called as (
    select account_id, max(called_on) as last_called_date
    from {{ source('operations', 'calls') }}
    where outcome = 'done'
    group by account_id
),

tickets as (
    select tickets.account_id, count(*) as open_tickets
    from {{ ref('int_tickets') }} as tickets
    cross join night
    where tickets.closed_date is null and tickets.opened_date > {{ add_days('night.as_of', -30) }}
    group by tickets.account_id
),

people as (
    select
        contacts.account_id,
        count(*) as contact_count,
        count(*) filter (
            where contacts.email is not null and contacts.marketing_consent
            and contacts.email not in (select email from {{ source('operations', 'suppressions') }} where email is not null)
        ) as mailable_contact_count
    from {{ ref('int_contacts') }} as contacts
    where contacts.is_active
    group by contacts.account_id
),

named_champions as (
    select account_id, min(contact_id) as champion_contact_id
    from {{ ref('int_contacts') }}
    where role = 'champion' and is_active
    group by account_id
),

seen as (
    select account_id, max(activity_date) as last_active_date
    from {{ ref('int_activity_days') }}
    group by account_id
)

select
    accounts.account_id,
    accounts.account_name,
    case
        when accounts.is_internal then 'internal'
        when night.company_kind = 'shop' then case
            when seen.last_active_date > {{ add_days('night.as_of', '-night.active_days') }} then 'active' else 'left'
        end
        when terms.account_id is null then 'left'
        when terms.is_suspended then 'suspended'
        when terms.is_cancelling then 'cancelling'
        when {{ days_between(company_date('accounts.created_at'), 'night.as_of') }} < 60 then 'onboarding'
        else 'active'
    end as stage,
    accounts.is_internal,
    coalesce(terms.plan, last_terms.plan, accounts.plan) as plan,
    accounts.country,
    accounts.channel,
    accounts.timezone,
    accounts.owner_email,
    accounts.created_at,
    cast({{ days_between(company_date('accounts.created_at'), 'night.as_of') }} as integer) as tenure_days,
    coalesce(terms.currency, night.currency) as currency,
    coalesce(terms.mrr_minor, 0) as mrr_minor,
    case
        when night.company_kind = 'shop' then coalesce(spent.spend_365_minor, 0)
        else 12 * coalesce(terms.mrr_reporting_minor, 0)
    end as value_minor,
    case
        when terms.account_id is not null then terms.contract_ends_date
        when last_spell.ends_on < date '9999-12-31' then last_spell.ends_on
    end as contract_ends_date,
    case
        when terms.contract_ends_date > {{ add_days('night.as_of', 'night.horizon_days') }}
            then {{ add_days('terms.contract_ends_date', '-night.horizon_days') }}
    end as decides_on,
    cast(case
        when accounts.is_internal then null
        when night.company_kind = 'shop' then
            case
                when seen.last_active_date <= {{ add_days('night.as_of', '-night.active_days') }}
                    then {{ days_between('seen.last_active_date', 'night.as_of') }} - night.active_days
            end
        when terms.account_id is null and last_spell.ends_on <= night.as_of
            then {{ days_between('last_spell.ends_on', 'night.as_of') }}
    end as integer) as days_since_left,
    objected.account_id is not null as has_objected,
    population.account_id is not null and objected.account_id is null as is_scored,
    cast(coalesce(tickets.open_tickets, 0) as integer) as open_tickets,
    greatest(touched.last_talked_date, called.last_called_date) as last_talked_date,
    named_champions.champion_contact_id,
    cast(coalesce(people.contact_count, 0) as integer) as contact_count,
    cast(coalesce(people.mailable_contact_count, 0) as integer) as mailable_contact_count,
    milestones.milestone,
    milestones.missed_milestone
from {{ ref('int_accounts') }} as accounts
cross join night
left join terms on terms.account_id = accounts.account_id
left join last_terms on last_terms.account_id = accounts.account_id
left join last_spell on last_spell.account_id = accounts.account_id
left join population on population.account_id = accounts.account_id
left join spent on spent.account_id = accounts.account_id
left join touched on touched.account_id = accounts.account_id
left join called on called.account_id = accounts.account_id
left join tickets on tickets.account_id = accounts.account_id
left join people on people.account_id = accounts.account_id
left join named_champions on named_champions.account_id = accounts.account_id
left join seen on seen.account_id = accounts.account_id
left join {{ ref('int_objected_accounts') }} as objected on objected.account_id = accounts.account_id
left join {{ ref('int_missed_milestones') }} as milestones on milestones.account_id = accounts.account_id
