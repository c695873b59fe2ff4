with changes as (
    select
        account_id,
        valid_from_date as changed_on,
        plan,
        seats,
        mrr_minor,
        discount_share,
        lag(plan) over terms as plan_before,
        lag(seats) over terms as seats_before,
        lag(mrr_minor) over terms as mrr_before_minor,
        lag(currency) over terms as currency_before,
        currency
    from {{ ref('int_subscriptions') }}
    where status in ('active', 'past_due')
    window terms as (partition by account_id, subscription_id order by valid_from)
)

select
    account_id,
    changed_on,
    case
        -- A price rise is more money a seat for the same plan; the end of a discount is one to whoever pays it.
        when plan is not distinct from plan_before and mrr_before_minor > 0
            and mrr_minor * coalesce(seats_before, 1) > mrr_before_minor * coalesce(seats, 1)
            then {{ rounded(ratio('mrr_minor * coalesce(seats_before, 1)', 'mrr_before_minor * coalesce(seats, 1)') ~ ' - 1', 9) }}
    end as price_rise_share,
    mrr_minor < mrr_before_minor as is_downgrade
from changes
where mrr_before_minor is not null and currency is not distinct from currency_before and mrr_minor <> mrr_before_minor
