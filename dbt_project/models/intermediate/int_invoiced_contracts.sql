-- An invoice that names its service period is a contract for that time. As billed, for what is refunded or never paid is
-- known later only. It holds from when it was known until the next one does, or until a next one
-- is later than the reactivation days allow; who is billed afterwards is given the same days from when the last one came.
with night as (select * from {{ source('night', 'night') }}),

billed as (
    select
        invoices.invoice_id,
        invoices.account_id,
        invoices.issued_at,
        invoices.currency,
        invoices.amount_minor,
        invoices.amount_reporting_minor,
        invoices.covers_from_date,
        invoices.covers_to_date,
        {{ days_between('invoices.covers_from_date', 'invoices.covers_to_date') }} as covered_days,
        greatest(invoices.covers_from_date, invoices.issued_date) as begins_on,
        greatest({{ days_between('invoices.covers_from_date', 'invoices.issued_date') }}, 0) as billed_after_days
    from {{ ref('int_invoiced_services') }} as invoices
    where invoices.covers_to_date > invoices.covers_from_date and invoices.amount_minor > 0
),

-- Beginnings and ends on one line of time, latest first: what an end has behind it is what follows it.
marked as (
    select account_id, covers_from_date as marked_date, begins_on, 0 as is_end from billed
    union all
    select distinct account_id, covers_to_date as marked_date, cast(null as date) as begins_on, 1 as is_end from billed
),

followed as (
    select
        account_id,
        marked_date as covers_to_date,
        is_end,
        min(begins_on) over (
            partition by account_id order by marked_date desc, is_end rows between unbounded preceding and current row
        ) as next_begins_on
    from marked
),

held as (
    select
        billed.*,
        least(
            {{ add_days('billed.covers_to_date', 'night.reactivation_days + least(billed.billed_after_days, billed.covered_days)') }},
            followed.next_begins_on
        ) as holds_until
    from billed
    cross join night
    left join followed
        on followed.account_id = billed.account_id and followed.covers_to_date = billed.covers_to_date and followed.is_end = 1
)

select
    invoice_id as subscription_id,
    account_id,
    issued_at as valid_from,
    {{ a_month_of('amount_minor', 'covered_days') }} as mrr_minor,
    currency,
    covered_days > 300 as is_annual,
    begins_on as valid_from_date,
    holds_until as valid_to_date,
    covers_to_date as ends_date,
    {{ a_month_of('amount_reporting_minor', 'covered_days') }} as mrr_reporting_minor
from held
where holds_until > begins_on
