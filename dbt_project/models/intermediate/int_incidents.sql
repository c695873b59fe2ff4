{{ config(materialized='view') }}
with tickets as (
    select
        population.as_of,
        population.account_id,
        -- Help desks that never say when a ticket was closed would keep it open for ever: a month is the limit.
        count(*) filter (
            where tickets.opened_date > {{ add_days('population.as_of', -30) }}
            and (tickets.closed_date is null or tickets.closed_date > population.as_of)
        ) as open_tickets,
        cast(sum({{ days_between('tickets.opened_date', 'tickets.answered_date') }}) filter (where tickets.answered_date <= population.as_of) as bigint) as answer_days,
        count(*) filter (where tickets.answered_date <= population.as_of) as answered_tickets
    from {{ ref('int_population') }} as population
    inner join {{ ref('int_tickets') }} as tickets
        on
            tickets.account_id = population.account_id
            and tickets.opened_date <= population.as_of
            and tickets.opened_date > {{ add_days('population.as_of', -91) }}
    group by population.as_of, population.account_id
),

counted as (
    select
        population.as_of,
        population.account_id,
        count(*) filter (where events.kind = 'payment_failed' and events.activity_date > {{ add_days('population.as_of', -28) }}) as failed_payments_28,
        count(*) filter (where events.kind = 'payment_failed' and events.activity_date > {{ add_days('population.as_of', -91) }}) as failed_payments_91,
        cast(coalesce(sum(cast(events.value as decimal(18, 0))) filter (where events.kind = 'refund' and events.activity_date > {{ add_days('population.as_of', -91) }}), 0) as bigint) as refunds_91_minor,
        count(*) filter (where events.kind = 'ticket' and events.activity_date > {{ add_days('population.as_of', -28) }}) as tickets_28,
        count(*) filter (where events.kind = 'ticket' and events.activity_date > {{ add_days('population.as_of', -91) }}) as tickets_91,
        count(*) filter (where events.kind = 'call' and events.activity_date > {{ add_days('population.as_of', -91) }}) as calls_91
    from {{ ref('int_population') }} as population
    inner join {{ ref('int_dealings') }} as events
        on
            events.account_id = population.account_id
            and not {{ is_habit('events.kind') }}
            and events.activity_date <= population.as_of
            and events.activity_date > {{ add_days('population.as_of', -91) }}
            and events.known_date <= population.as_of
    group by population.as_of, population.account_id
)

select
    counted.*,
    coalesce(tickets.open_tickets, 0) as open_tickets,
    {{ ratio('tickets.answer_days', 'tickets.answered_tickets') }} as answer_days_91
from counted
left join tickets on tickets.as_of = counted.as_of and tickets.account_id = counted.account_id
