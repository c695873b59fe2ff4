with listed as ({{ union_sources('accounts', ['generic', 'demo_crm']) }}),

resolved as (
    select
        listed.*,
        {{ resolved_account('listed') }} as resolved_id,
        row_number() over (
            partition by {{ resolved_account('listed') }}
            -- The survivor of a merge speaks for the account.
            order by
                case when listed.account_id = {{ resolved_account('listed') }} then 0 else 1 end, listed.account_id,
                -- An export of orders names its customer on every line: the first line speaks, whatever their order.
                listed.created_at asc nulls last, listed.account_name asc nulls last, listed.owner_email asc nulls last,
                listed.country asc nulls last, listed.timezone asc nulls last, listed.plan asc nulls last,
                listed.channel asc nulls last, listed.seats asc nulls last, listed.is_internal asc nulls last
        ) as row_number_in_account
    from listed
    {{ join_account('listed') }}
    where listed.account_id is not null
),

-- An export of events alone has accounts all the same: whoever did something, from the start of its first day on.
active as (
    select
        account_id,
        {{ to_utc('cast(min(activity_date) as timestamp)', company_zone()) }} as first_at
    from (
        select account_id, activity_date from {{ ref('int_activity_days') }}
        union all
        select account_id, activity_date from {{ ref('int_dealings') }}
    ) as days
    group by account_id
),

paying as (
    select
        account_id,
        min(first_at) as first_at
    from (
        select account_id, valid_from as first_at from {{ ref('int_subscriptions') }}
        union all
        select account_id, issued_at as first_at from {{ ref('int_owed_invoices') }} where service_mrr_minor is not null
    ) as contracts
    group by account_id
),

everyone as (
    select resolved_id as account_id from resolved
    union
    select account_id from active
    union
    select account_id from paying
),

night as (select * from {{ source('night', 'night') }})

select
    everyone.account_id,
    coalesce(resolved.account_name, everyone.account_id) as account_name,
    coalesce(resolved.created_at, least(active.first_at, paying.first_at), active.first_at, paying.first_at) as created_at,
    resolved.owner_email,
    resolved.country,
    coalesce(resolved.timezone, night.timezone) as timezone,
    resolved.plan,
    resolved.channel,
    resolved.seats,
    coalesce(resolved.is_internal, false) as is_internal
from everyone
cross join night
left join resolved on resolved.resolved_id = everyone.account_id and resolved.row_number_in_account = 1
left join active on active.account_id = everyone.account_id
left join paying on paying.account_id = everyone.account_id
where coalesce(resolved.created_at, least(active.first_at, paying.first_at), active.first_at, paying.first_at, night.midnight_at - interval '1 second') < night.midnight_at
