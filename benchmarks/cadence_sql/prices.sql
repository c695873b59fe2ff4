-- What changed from one period to the next.
with terms as (
    select account, issued, plan, seats, amount, lag(plan) over own as plan_before, lag(seats) over own as seats_before,
        lag(amount) over own as amount_before
    from bills window own as (partition by account order by issued)
)
select account, issued as changed, amount < amount_before as is_downgrade,
    case when plan = plan_before and amount * seats_before > amount_before * seats
        then round(round(amount * seats_before / (amount_before * seats), 9) - 1, 9) end as rise
from terms where amount <> amount_before
