-- Of an account without any subscription, for which its invoices say what is recurring.
select
    invoices.invoice_id,
    invoices.account_id,
    invoices.issued_at,
    invoices.currency,
    invoices.issued_date,
    invoices.amount_minor,
    invoices.amount_reporting_minor,
    invoices.covers_from_date,
    invoices.covers_to_date,
    invoices.service_mrr_minor
from {{ ref('int_owed_invoices') }} as invoices
where
    invoices.covers_from_date is not null
    and invoices.covers_to_date is not null
    and not exists (select 1 from {{ ref('int_subscriptions') }} as subscribers where subscribers.account_id = invoices.account_id)
