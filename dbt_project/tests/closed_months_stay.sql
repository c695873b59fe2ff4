-- A closed month is in the mart as it was closed: the same rows, the same amounts.
with closed as (
    select account_id, month, currency, plan, opening_mrr_minor, new_minor, expansion_minor, contraction_minor, pause_minor,
        churn_minor, reactivation_minor, correction_minor, closing_mrr_minor, on_hold_minor, involuntary_churn_minor,
        cancel_requested_minor
    from {{ source('operations', 'closed_months') }}
),

told as (
    select account_id, month, currency, plan, opening_mrr_minor, new_minor, expansion_minor, contraction_minor, pause_minor,
        churn_minor, reactivation_minor, correction_minor, closing_mrr_minor, on_hold_minor, involuntary_churn_minor,
        cancel_requested_minor
    from {{ ref('mrr_movements') }}
    where month <= (select max(month) from {{ source('operations', 'month_closes') }})
)

(select * from closed except select * from told)
union all
(select * from told except select * from closed)
