with invoices as ({{ union_sources('invoices', ['generic', 'demo_billing']) }}),

night as (select * from {{ source('night', 'night') }})

select
    invoices.invoice_id,
    {{ resolved_account('invoices') }} as account_id,
    invoices.issued_at,
    invoices.due_at,
    -- What was paid after the night's day is not known to it.
    case when invoices.paid_at < night.midnight_at then invoices.paid_at end as paid_at,
    invoices.amount_minor,
    coalesce(invoices.refunded_minor, 0) as refunded_minor,
    coalesce(invoices.currency, night.currency) as currency,
    invoices.status,
    {{ company_date('invoices.issued_at') }} as issued_date,
    {{ company_date('invoices.due_at') }} as due_date,
    {{ company_date('case when invoices.paid_at < night.midnight_at then invoices.paid_at end') }} as paid_date,
    {{ to_minor('invoices.amount_minor * coalesce(rates.rate, 1)') }} as amount_reporting_minor
from invoices
cross join night
{{ join_account('invoices') }}
left join {{ source('night', 'rates') }} as rates on rates.currency = coalesce(invoices.currency, night.currency)
where invoices.account_id is not null and invoices.issued_at < night.midnight_at
