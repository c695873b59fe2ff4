with night as (select * from {{ source('night', 'night') }}),

imported as (
    select
        {{ resolved_account('exits') }} as account_id,
        exits.account_id as imported_account_id,
        exits.requested_at as imported_at,
        {{ company_date('exits.requested_at') }} as imported_date,
        exits.effective_at,
        exits.reason,
        exits.comment,
        exits.offer,
        exits.outcome,
        exits.kind
    from {{ source('operations', 'exits') }} as exits
    cross join night
    {{ join_account('exits') }}
    where exits.account_id is not null and exits.requested_at < night.midnight_at
),

-- What billing knows of asking to leave, by the night.
requests as (
    select
        subscriptions.account_id,
        subscriptions.cancel_requested_date,
        max(subscriptions.ends_date) as ends_date
    from {{ ref('int_subscriptions') }} as subscriptions
    cross join night
    where subscriptions.cancel_requested_date <= night.as_of
    group by subscriptions.account_id, subscriptions.cancel_requested_date
),

-- Another tool notes the request, the end, or the day it heard of it: the nearest request that fits is the same exit.
billed as (
    select
        imported.imported_account_id,
        imported.imported_at,
        requests.cancel_requested_date,
        requests.ends_date,
        row_number() over (
            partition by imported.imported_account_id, imported.imported_at
            order by
                abs({{ days_between('requests.cancel_requested_date', 'imported.imported_date') }}),
                requests.cancel_requested_date desc
        ) as nearness
    from imported
    inner join requests
        on
            requests.account_id = imported.account_id
            and imported.imported_date >= {{ add_days('requests.cancel_requested_date', -31) }}
            and imported.imported_date <= {{ add_days('coalesce(requests.ends_date, requests.cancel_requested_date)', 31) }}
),

-- Billing wins for the days.
dated as (
    select
        imported.account_id,
        imported.reason,
        imported.comment,
        imported.offer,
        imported.outcome,
        imported.kind,
        imported.imported_at,
        imported.imported_account_id,
        coalesce({{ to_utc('cast(billed.cancel_requested_date as timestamp)', company_zone()) }}, imported.imported_at) as requested_at,
        coalesce({{ to_utc('cast(billed.ends_date as timestamp)', company_zone()) }}, imported.effective_at) as effective_at
    from imported
    left join billed
        on
            billed.imported_account_id = imported.imported_account_id
            and billed.imported_at = imported.imported_at
            and billed.nearness = 1
),

-- Told twice of one request, once when it was made and once when it ended: what says why counts, then the later.
ranked as (
    select
        dated.*,
        row_number() over (
            partition by account_id, {{ company_date('requested_at') }}
            order by case when reason is null then 1 else 0 end, imported_at desc, imported_account_id
        ) as rank_of_day
    from dated
)

select
    account_id,
    requested_at,
    effective_at,
    reason,
    comment,
    offer,
    outcome,
    kind
from ranked
where rank_of_day = 1
