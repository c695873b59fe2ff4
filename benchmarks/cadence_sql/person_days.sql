-- Events by account, day, person, kind and day of news, with the sums of their hours as points on a clock.
with placed as (
    select account, contact, kind, local(occurred_at) as local_at, local(known_at) as local_known_at from events
),
hours as (
    select h, (1000 * cos((h + 0.5) * pi() / 12))::int as x, (1000 * sin((h + 0.5) * pi() / 12))::int as y
    from range(24) as n (h)
)
select account, local_at::date as day, contact, kind, local_known_at::date as known_day, count(*)::int as events,
    sum(x)::int as x, sum(y)::int as y
from placed join hours on hours.h = hour(local_at) group by all
