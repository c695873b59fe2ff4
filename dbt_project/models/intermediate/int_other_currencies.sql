-- One row per account with several currencies, currency and month at whose end it pays in another one of them.
with currencies as (
    select account_id, currency from {{ ref('int_month_ends') }} where months_since is null
),

several as (
    select account_id from currencies group by account_id having count(*) > 1
)

select distinct
    currencies.account_id,
    currencies.currency,
    others.month
from several
inner join currencies on currencies.account_id = several.account_id
inner join {{ ref('int_month_ends') }} as others
    on others.account_id = currencies.account_id and others.currency <> currencies.currency
