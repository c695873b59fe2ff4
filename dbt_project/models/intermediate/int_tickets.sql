-- What happens to a ticket are events of their own (kinds ticket, ticket_answered and ticket_closed, value its number), so
-- that a past day can be rebuilt: days are those on which it was known, and the first of each counts, whatever came later.
with opened as (
    select
        account_id,
        value as ticket_number,
        min(known_date) as opened_date
    from {{ ref('int_dealings') }}
    where kind = 'ticket'
    -- Without numbers each opening is a ticket of its own.
    group by account_id, value, case when value is null then occurred_at end
),

words as (
    select
        account_id,
        value as ticket_number,
        kind,
        known_date
    from {{ ref('int_dealings') }}
    where kind in ('ticket_answered', 'ticket_closed')
)

select
    opened.account_id,
    opened.ticket_number,
    opened.opened_date,
    -- Closed without an answer, or by a help desk that tells of none, is answered all the same.
    min(words.known_date) as answered_date,
    min(case when words.kind = 'ticket_closed' then words.known_date end) as closed_date
from opened
left join words
    on
        words.account_id = opened.account_id
        and words.ticket_number is not distinct from opened.ticket_number
        and words.known_date >= opened.opened_date
group by opened.account_id, opened.ticket_number, opened.opened_date
