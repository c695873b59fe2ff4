-- Movements of recurring revenue by account and month.
with closings as (
    select account, date_trunc('month', issued)::date as month, sum(amount)::bigint as closing, min(plan) as plan
    from bills group by all
),
spine as (
    select account, unnest(generate_series(
        min(month)::timestamp, least(max(month) + interval 1 month, timestamp '2026-09-01'), interval 1 month
    ))::date as month
    from closings group by account
),
moved as (
    select account, month, plan, coalesce(closing, 0) as closing, lag(plan) over own as plan_before,
        lag(closing, 1, 0) over own as opening, row_number() over own as nth
    from spine left join closings using (account, month) window own as (partition by account order by month)
)
select account, month, coalesce(plan_before, plan) as plan, opening, closing,
    case when nth = 1 then closing else 0 end as new_minor,
    case when opening > 0 and closing > opening then closing - opening else 0 end as expansion_minor,
    case when opening > closing and closing > 0 then closing - opening else 0 end as contraction_minor,
    case when opening > 0 and closing = 0 then -opening else 0 end as churn_minor,
    case when nth > 1 and opening = 0 then closing else 0 end as reactivation_minor
from moved where opening <> 0 or closing <> 0
