-- Days of activity by account, day and day of news, with the gap before each.
with daily as (
    select account, day, known_day, sum(events)::int as events, sum(x)::int as x, sum(y)::int as y,
        known_day = min(known_day) over (partition by account, day) as is_first_news
    from person_days group by account, day, known_day
),
gaps as (
    select account, day, (day - lag(day) over (partition by account order by day))::int as gap from daily where is_first_news
)
select daily.*, case when is_first_news then gap end as gap from daily join gaps using (account, day)
order by daily.account, daily.day -- side by side, so that whoever adds up an account's days finds them together
