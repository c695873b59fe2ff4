-- One row per account and day on which a payment failed, or on which access ended for want of one.
select
    account_id,
    activity_date as failed_on
from {{ ref('int_dealings') }}
where kind = 'payment_failed'
union
select
    account_id,
    valid_from_date as failed_on
from {{ ref('int_subscriptions') }}
where status in ('past_due', 'unpaid', 'suspended')
union
select
    account_id,
    coalesce(due_date, issued_date) as failed_on
from {{ ref('int_owed_invoices') }}
where status = 'uncollectible'
