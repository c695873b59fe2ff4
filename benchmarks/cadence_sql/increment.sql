-- The last day's events are counted and added; from an account's first changed day on, its days are written anew.
create table new_days as
with placed as (
    select account, contact, kind, local(occurred_at) as local_at, local(known_at) as local_known_at from arrived
),
hours as (
    select h, (1000 * cos((h + 0.5) * pi() / 12))::int as x, (1000 * sin((h + 0.5) * pi() / 12))::int as y
    from range(24) as n (h)
)
select account, local_at::date as day, contact, kind, local_known_at::date as known_day, count(*)::int as events,
    sum(x)::int as x, sum(y)::int as y
from placed join hours on hours.h = hour(local_at) group by all;

create table changed as select account, min(day) as first_changed from new_days group by account;

insert into person_days select * from new_days;

delete from days using changed where days.account = changed.account and days.day >= changed.first_changed;

insert into days
with last_before as (
    select days.account, max(days.day) as day from days join changed using (account) group by all
),
daily as (
    select person_days.account, person_days.day, person_days.known_day, sum(events)::int as events, sum(x)::int as x,
        sum(y)::int as y,
        known_day = min(known_day) over (partition by person_days.account, person_days.day) as is_first_news
    from person_days join changed on changed.account = person_days.account and day >= first_changed
    group by person_days.account, person_days.day, person_days.known_day
),
spaced as (
    select account, day, (day - lag(day) over (partition by account order by day))::int as gap
    from (select account, day from daily where is_first_news union all select account, day from last_before)
)
select daily.*, case when is_first_news then gap end from daily join spaced using (account, day);
