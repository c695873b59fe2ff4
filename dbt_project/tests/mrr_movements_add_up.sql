-- Opening plus movements is closing, and a month opens as the one before closed.
with movements as (
    select
        account_id,
        month,
        currency,
        opening_mrr_minor + new_minor + expansion_minor + contraction_minor + churn_minor + reactivation_minor
        + correction_minor as summed_minor,
        opening_mrr_minor,
        closing_mrr_minor,
        lag(closing_mrr_minor) over (partition by account_id, currency order by month) as closed_before_minor,
        lag(month) over (partition by account_id, currency order by month) as month_before
    from {{ ref('mrr_movements') }}
)

select
    account_id,
    month,
    currency
from movements
where
    summed_minor <> closing_mrr_minor
    or ({{ next_month('month_before') }} = month and opening_mrr_minor <> closed_before_minor)
