with exits as ({{ union_sources('exits', ['generic']) }}),

night as (select * from {{ source('night', 'night') }}),

imported as (select * from {{ ref('int_imported_exits') }}),

answers as (select * from {{ ref('int_exit_answers') }}),

from_sources as (
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

-- An import of an exit that a source records too is the same one: the source's days stand, the import adds what is missing.
same_as_source as (
    select
        from_sources.account_id,
        from_sources.requested_at,
        imported.requested_at as imported_requested_at,
        imported.reason,
        imported.comment,
        imported.offer,
        imported.kind
    from from_sources
    inner join imported
        on
            imported.account_id = from_sources.account_id
            and abs({{ days_between(company_date('from_sources.requested_at'), company_date('imported.requested_at')) }}) <= 31
),

added as (
    select
        account_id,
        requested_at,
        max(reason) as reason,
        max(comment) as comment,
        max(offer) as offer,
        max(kind) as kind
    from same_as_source
    group by account_id, requested_at
),

recorded as (
    select
        from_sources.account_id,
        from_sources.requested_at,
        from_sources.effective_at,
        coalesce(from_sources.reason, added.reason) as reason,
        coalesce(from_sources.comment, added.comment) as comment,
        coalesce(from_sources.offer, added.offer) as offer,
        from_sources.outcome,
        added.kind
    from from_sources
    left join added on added.account_id = from_sources.account_id and added.requested_at = from_sources.requested_at
    union all
    select
        imported.account_id,
        imported.requested_at,
        imported.effective_at,
        imported.reason,
        imported.comment,
        imported.offer,
        imported.outcome,
        imported.kind
    from imported
    left join (select distinct account_id, imported_requested_at from same_as_source) as taken
        on taken.account_id = imported.account_id and taken.imported_requested_at = imported.requested_at
    where taken.account_id is null
),

-- An exit that is recorded and answered is the same one: what the customer said stands.
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
    recorded.outcome,
    recorded.kind
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
    answers.outcome,
    cast(null as varchar) as kind
from answers
left join same_exits on same_exits.account_id = answers.account_id and same_exits.answered_at = answers.answered_at
where same_exits.account_id is null
