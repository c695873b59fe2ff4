with invoices as ({{ union_sources('invoices', ['generic', 'demo_billing']) }})

select exists (select 1 from invoices where invoices.paid_at is not null or invoices.status is not null) as are_known
