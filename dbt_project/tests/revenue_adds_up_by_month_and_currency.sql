-- Over all accounts, each month and currency closes with its opening and its movements, and opens as the last closed.
with months as (
    select
        month,
        currency,
        sum(opening_mrr_minor) as opening_minor,
        sum(
            new_minor + expansion_minor + contraction_minor + pause_minor + churn_minor + reactivation_minor + correction_minor
        ) as moved_minor,
        sum(closing_mrr_minor) as closing_minor
    from {{ ref('mrr_movements') }}
    group by month, currency
),

beside as (
    select
        months.*,
        lag(closing_minor) over (partition by currency order by month) as closed_before_minor,
        {{ next_month('lag(month) over (partition by currency order by month)') }} = month as follows
    from months
)

select
    month,
    currency
from beside
where opening_minor + moved_minor <> closing_minor or (follows and opening_minor <> closed_before_minor)
