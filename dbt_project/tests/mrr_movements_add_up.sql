-- Opening plus movements is closing; a month opens as the one before closed; what is on hold came there by a pause.
with movements as (
    select
        account_id,
        month,
        currency,
        opening_mrr_minor + new_minor + expansion_minor + contraction_minor + pause_minor + churn_minor
        + reactivation_minor + correction_minor as summed_minor,
        opening_mrr_minor,
        closing_mrr_minor,
        pause_minor,
        on_hold_minor,
        involuntary_churn_minor < churn_minor or cancel_requested_minor > closing_mrr_minor as is_more_than_the_whole,
        coalesce(lag(closing_mrr_minor) over months_in_order, 0) as closed_before_minor,
        coalesce(lag(on_hold_minor) over months_in_order, 0) as held_before_minor,
        coalesce({{ next_month('lag(month) over months_in_order') }} = month, false) as follows
    from {{ ref('mrr_movements') }}
    window months_in_order as (partition by account_id, currency order by month)
)

select
    account_id,
    month,
    currency
from movements
where
    summed_minor <> closing_mrr_minor
    or is_more_than_the_whole
    -- A month that is missing has nothing: neither at its end nor on hold.
    or opening_mrr_minor <> case when follows then closed_before_minor else 0 end
    or on_hold_minor + pause_minor <> case when follows then held_before_minor else 0 end
