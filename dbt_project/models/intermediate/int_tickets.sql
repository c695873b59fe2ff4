-- A ticket's opening and closing are events of their own (kinds ticket and ticket_closed, value its number), so that a
-- past day can be rebuilt: days are those on which it was known, and the first closing counts, whatever came later.
with opened as (
    select
        account_id,
        value as ticket_number,
        min(known_date) as opened_date
    from {{ ref('int_activity') }}
    where kind = 'ticket'
    -- Without numbers each opening is a ticket of its own.
    group by account_id, value, case when value is null then occurred_at end
),

closings as (
    select
        account_id,
        value as ticket_number,
        known_date as closed_date
    from {{ ref('int_activity') }}
    where kind = 'ticket_closed'
)

select
    opened.account_id,
    opened.ticket_number,
    opened.opened_date,
    min(closings.closed_date) as closed_date
from opened
left join closings
    on
        closings.account_id = opened.account_id
        and closings.ticket_number is not distinct from opened.ticket_number
        and closings.closed_date >= opened.opened_date
group by opened.account_id, opened.ticket_number, opened.opened_date
