-- Invoices as periods of a subscription, by the company's days.
select account, local(issued_at)::date as issued, local(period_ends_at)::date as ends, local(due_at)::date as due,
    local(paid_at)::date as paid, amount, seats, plan
from invoices
