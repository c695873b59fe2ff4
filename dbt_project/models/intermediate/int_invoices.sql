select
    invoice_id,
    account_id,
    issued_at,
    currency,
    status,
    issued_date,
    due_date,
    paid_date,
    amount_minor,
    amount_reporting_minor,
    coupon,
    discount_minor,
    discount_reporting_minor
from {{ ref('int_owed_invoices') }}
