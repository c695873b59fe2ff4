{{ config(materialized='view') }}
with invoices as ({{ union_sources('invoices', ['generic', 'demo_billing']) }}),

night as (select * from {{ source('night', 'night') }}),

settled as (
    select
        invoices.invoice_id,
        invoices.account_id,
        invoices.issued_at,
        -- Where no source says what was paid, nobody is late for all we know.
        case when payments.are_known then invoices.due_at end as due_at,
        -- Paid on a day that nobody wrote down counts as paid in time; what was paid after the night's day is not known to it.
        case
            when invoices.paid_at is null and invoices.status = 'paid' then invoices.issued_at
            when invoices.paid_at < night.midnight_at then invoices.paid_at
        end as paid_at,
        invoices.amount_minor,
        -- An amount, with whatever sign it is written.
        abs(invoices.refunded_minor) as refunded_minor,
        invoices.currency,
        invoices.status,
        nullif(trim(invoices.coupon), '') as coupon,
        abs(invoices.discount_minor) as discount_minor,
        invoices.covers_from as covers_from_date,
        -- A period that is written with its last day ends the day after: 1 to 31 March is as long as 1 March to 1 April.
        case
            when extract(day from invoices.covers_to) = extract(day from invoices.covers_from) then invoices.covers_to
            when extract(day from {{ add_days('invoices.covers_to', 1) }}) = extract(day from invoices.covers_from)
                then {{ add_days('invoices.covers_to', 1) }}
            else invoices.covers_to
        end as covers_to_date
    from invoices
    cross join {{ ref('int_payments_known') }} as payments
    cross join night
    -- Neither was ever owed.
    where invoices.status is null or invoices.status not in ('draft', 'void')
),

-- How long an invoice's service lasts: whole months, or days where it is shorter than one.
spread as (
    select
        settled.*,
        settled.amount_minor - coalesce(settled.refunded_minor, 0) as kept_minor,
        {{ days_between('settled.covers_from_date', 'settled.covers_to_date') }} as covered_days
    from settled
)

select
    settled.invoice_id,
    {{ resolved_account('settled') }} as account_id,
    settled.issued_at,
    coalesce(settled.currency, night.currency) as currency,
    settled.status,
    {{ company_date('settled.issued_at') }} as issued_date,
    {{ company_date('settled.due_at') }} as due_date,
    {{ company_date('settled.paid_at') }} as paid_date,
    settled.amount_minor,
    {{ at_rate('settled.amount_minor', 'rates.rate') }} as amount_reporting_minor,
    -- The code under which an offer was taken up, and what was taken off for it.
    settled.coupon,
    settled.discount_minor,
    {{ at_rate('settled.discount_minor', 'rates.rate') }} as discount_reporting_minor,
    settled.covers_from_date,
    settled.covers_to_date,
    -- What a month of the service costs, refunds taken off. Never paid is none.
    case
        when settled.covered_days <= 0 or settled.status = 'uncollectible' then null
        else {{ a_month_of('settled.kept_minor', 'settled.covered_days') }}
    end as service_mrr_minor
from spread as settled
cross join night
{{ join_account('settled') }}
left join {{ source('night', 'rates') }} as rates on rates.currency = coalesce(settled.currency, night.currency)
where settled.account_id is not null and settled.issued_at < night.midnight_at
