with exits as (
    {{ union_sources('exits', ['generic']) }}
    union all
    select account_id, requested_at, effective_at, reason, comment, offer, outcome
    from {{ source('operations', 'exits') }}
),

night as (select * from {{ source('night', 'night') }}),

answers as (select * from {{ ref('int_exit_answers') }}),

recorded as (
    select
        {{ resolved_account('exits') }} as account_id,
        exits.requested_at,
        exits.effective_at,
        exits.reason,
        exits.comment,
        exits.offer,
        exits.outcome
    from exits
    cross join night
    {{ join_account('exits') }}
    where exits.account_id is not null and exits.requested_at < night.midnight_at
),

-- An exit that a source records too is the same one: what the customer said stands.
same_exits as (
    select
        recorded.account_id,
        recorded.requested_at,
        answers.answered_at,
        max(answers.reason) as reason
    from recorded
    inner join answers
        on
            answers.account_id = recorded.account_id
            and abs({{ days_between(company_date('recorded.requested_at'), company_date('answers.requested_at')) }}) <= 31
    group by recorded.account_id, recorded.requested_at, answers.answered_at
),

said as (select account_id, requested_at, max(reason) as reason from same_exits group by account_id, requested_at)

select
    recorded.account_id,
    recorded.requested_at,
    recorded.effective_at,
    coalesce(said.reason, recorded.reason) as reason,
    recorded.comment,
    recorded.offer,
    recorded.outcome
from recorded
left join said on said.account_id = recorded.account_id and said.requested_at = recorded.requested_at
union all
select
    answers.account_id,
    answers.requested_at,
    answers.effective_at,
    answers.reason,
    cast(null as varchar) as comment,
    cast(null as varchar) as offer,
    answers.outcome
from answers
left join same_exits on same_exits.account_id = answers.account_id and same_exits.answered_at = answers.answered_at
where same_exits.account_id is null
