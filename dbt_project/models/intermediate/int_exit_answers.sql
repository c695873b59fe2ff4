with answers as (select * from {{ source('operations', 'exit_answers') }}),

night as (select * from {{ source('night', 'night') }}),

told as (
    select
        {{ resolved_account('answers') }} as account_id,
        answers.reason,
        answers.answered_at,
        {{ company_date('answers.answered_at') }} as answered_date,
        night.as_of,
        night.company_kind
    from answers
    cross join night
    {{ join_account('answers') }}
    where answers.answered_at < night.midnight_at
),

-- The request that the contract shows: a question is open for 90 days, and a goodbye goes out the night after.
requests as (
    select
        told.account_id,
        told.answered_at,
        max(subscriptions.cancel_requested_date) as requested_date,
        max(subscriptions.ends_date) as ends_date
    from told
    inner join {{ ref('int_subscriptions') }} as subscriptions
        on
            subscriptions.account_id = told.account_id
            and subscriptions.cancel_requested_date <= told.answered_date
            and subscriptions.cancel_requested_date > {{ add_days('told.answered_date', -93) }}
    group by told.account_id, told.answered_at
),

-- Whose stay at the answer, or the last one before it, is over: they left, also who has come back since. Back within the
-- reactivation days is one stay.
ended as (
    select
        told.account_id,
        told.answered_at
    from told
    inner join {{ ref('int_spells') }} as spells
        on spells.account_id = told.account_id and spells.starts_on <= told.answered_date
    group by told.account_id, told.answered_at
    having max(coalesce(spells.ends_on, date '9999-12-31')) <= max(told.as_of)
),

-- Its terms on the night's day, worked out for these few accounts alone: int_terms has all accounts and cut-offs.
in_force as (
    select
        told.account_id,
        told.answered_at,
        told.as_of,
        contracts.cancel_requested_date,
        row_number() over (
            partition by told.account_id, told.answered_at, contracts.subscription_id order by contracts.valid_from desc
        ) as row_number_in_subscription
    from told
    inner join {{ ref('int_contracts') }} as contracts
        on contracts.account_id = told.account_id and {{ in_force_on('told.as_of', 'contracts') }}
),

terms as (
    select
        account_id,
        answered_at,
        {{ is_cancelling('as_of') }} as is_cancelling
    from in_force
    where row_number_in_subscription = 1
    group by account_id, answered_at
)

select
    told.account_id,
    told.reason,
    told.answered_at,
    coalesce({{ to_utc('cast(requests.requested_date as timestamp)', company_zone()) }}, told.answered_at) as requested_at,
    {{ to_utc('cast(requests.ends_date as timestamp)', company_zone()) }} as effective_at,
    case
        when told.company_kind = 'shop' then 'undecided'
        when terms.account_id is null or ended.account_id is not null then 'left'
        when terms.is_cancelling then 'undecided'
        else 'saved'
    end as outcome
from told
left join requests on requests.account_id = told.account_id and requests.answered_at = told.answered_at
left join ended on ended.account_id = told.account_id and ended.answered_at = told.answered_at
left join terms on terms.account_id = told.account_id and terms.answered_at = told.answered_at
