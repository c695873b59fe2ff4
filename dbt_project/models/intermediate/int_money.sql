{{ config(materialized='view') }}
with spent as (
    select
        population.as_of,
        population.account_id,
        orders.value,
        {{ days_between('orders.activity_date', 'population.as_of') }} as age_days
    from {{ ref('int_population') }} as population
    inner join {{ ref('int_dealings') }} as orders
        on
            orders.account_id = population.account_id
            and orders.kind = 'order'
            and orders.activity_date <= population.as_of
            and orders.activity_date > {{ add_days('population.as_of', -365) }}
            and orders.known_date <= population.as_of
),

-- The first failed attempt to collect an invoice: from then on it is as good as overdue.
collection_failed as (
    select
        invoices.invoice_id,
        min(events.known_date) as failed_date
    from {{ ref('int_invoices') }} as invoices
    inner join {{ ref('int_dealings') }} as events
        on
            events.account_id = invoices.account_id
            and events.kind = 'payment_failed'
            and events.activity_date >= invoices.issued_date
            and events.activity_date <= {{ add_days('invoices.issued_date', 31) }}
    group by invoices.invoice_id
),

invoiced as (
    select
        population.as_of,
        population.account_id,
        cast(coalesce(sum(invoices.amount_reporting_minor) filter (where invoices.issued_date > {{ add_days('population.as_of', -91) }}), 0) as bigint) as invoiced_91_minor,
        cast(coalesce(sum(invoices.amount_reporting_minor) filter (
            where invoices.issued_date <= {{ add_days('population.as_of', -91) }} and invoices.issued_date > {{ add_days('population.as_of', -182) }}
        ), 0) as bigint) as invoiced_prev_91_minor,
        cast(coalesce(sum(invoices.amount_reporting_minor), 0) as bigint) as invoiced_365_minor,
        count(*) filter (
            where invoices.issued_date > {{ add_days('population.as_of', -182) }}
            and invoices.due_date < population.as_of
            and (invoices.paid_date is null or invoices.paid_date > invoices.due_date)
        ) as late_payments_182,
        count(*) filter (
            where (invoices.due_date < population.as_of or collection_failed.failed_date <= population.as_of)
            and invoices.issued_date > {{ add_days('population.as_of', -182) }}
            and (invoices.paid_date is null or invoices.paid_date > population.as_of)
        ) as open_invoices_overdue
    from {{ ref('int_population') }} as population
    inner join {{ ref('int_invoices') }} as invoices
        on
            invoices.account_id = population.account_id
            and invoices.issued_date <= population.as_of
            and invoices.issued_date > {{ add_days('population.as_of', -365) }}
    left join collection_failed on collection_failed.invoice_id = invoices.invoice_id
    group by population.as_of, population.account_id
),

ordered as (
    select
        as_of,
        account_id,
        -- Decimals, for a sum of doubles depends on the order of its rows.
        cast(sum(cast(value as decimal(18, 0))) filter (where age_days < 91) as bigint) as ordered_91_minor,
        cast(sum(cast(value as decimal(18, 0))) filter (where age_days >= 91 and age_days < 182) as bigint) as ordered_prev_91_minor,
        cast(sum(cast(value as decimal(18, 0))) as bigint) as ordered_365_minor
    from spent
    group by as_of, account_id
)

select
    population.as_of,
    population.account_id,
    coalesce(ordered.ordered_91_minor, 0) + coalesce(invoiced.invoiced_91_minor, 0) as spend_91_minor,
    coalesce(ordered.ordered_prev_91_minor, 0) + coalesce(invoiced.invoiced_prev_91_minor, 0) as spend_prev_91_minor,
    coalesce(ordered.ordered_365_minor, 0) + coalesce(invoiced.invoiced_365_minor, 0) as spend_365_minor,
    coalesce(invoiced.late_payments_182, 0) as late_payments_182,
    coalesce(invoiced.open_invoices_overdue, 0) as open_invoices_overdue
from {{ ref('int_population') }} as population
left join ordered on ordered.as_of = population.as_of and ordered.account_id = population.account_id
left join invoiced on invoiced.as_of = population.as_of and invoiced.account_id = population.account_id
