-- A ticket's opening and closing are events of their own (kinds ticket and ticket_closed, value its number), so that a
-- past day can be rebuilt.
with opened as (
    select account_id, value as ticket_number, min(activity_date) as opened_date
    from {{ ref('int_activity') }}
    where kind = 'ticket'
    group by account_id, value
),

closed as (
    select account_id, value as ticket_number, max(activity_date) as closed_date
    from {{ ref('int_activity') }}
    where kind = 'ticket_closed'
    group by account_id, value
)

select
    opened.account_id,
    opened.ticket_number,
    opened.opened_date,
    closed.closed_date
from opened
left join closed on closed.account_id = opened.account_id and closed.ticket_number is not distinct from opened.ticket_number
