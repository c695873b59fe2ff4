with currencies as (
    select currency from {{ ref('int_subscriptions') }}
    union
    select currency from {{ ref('int_invoiced_services') }}
)

select currency, cast(row_number() over (order by currency) as integer) as currency_number
from currencies
