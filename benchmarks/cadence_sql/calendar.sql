-- Which days the company works, as the project judges it: a day by the same weekday before it, a weekday by eight weeks that
-- ended a week ago.
with daily as (
    select day, count(*) filter (where known_day <= day) as accounts, count(*) filter (where known_day <= day + 7) as accounts_later
    from days where is_first_news group by day
),
every_day as (
    select span::date as day, isodow(span) as weekday, coalesce(accounts, 0) as accounts, coalesce(accounts_later, 0) as accounts_later
    from (select unnest(generate_series(min(day)::timestamp, max(day)::timestamp, interval 1 day)) as span from daily)
    left join daily on daily.day = span::date
),
volumes as (
    select every_day.day, earlier.weekday, sum(earlier.accounts_later) as volume, count(*) as weeks
    from every_day join every_day as earlier on earlier.day < every_day.day - 7 and earlier.day >= every_day.day - 63
    group by all
),
weeks as (
    select day, list(weekday) filter (where volume * 4 >= busiest) as weekdays
    from (
        select *, max(volume) over own as busiest, count(*) over own as weekdays_known, min(weeks) over own as fewest
        from volumes window own as (partition by day)
    ) where weekdays_known = 7 and busiest >= 40 and fewest >= 2 group by day
),
usual as (
    select every_day.day, median(earlier.accounts) as accounts
    from every_day join every_day as earlier
        on earlier.weekday = every_day.weekday and earlier.day < every_day.day and earlier.day >= every_day.day - 56
    group by all
),
judged as (
    select every_day.day, every_day.weekday, coalesce(weekdays, range(1, 8)) as weekdays,
        list_contains(coalesce(weekdays, range(1, 8)), every_day.weekday)
        and not coalesce(usual.accounts >= 20 and every_day.accounts < 0.3 * usual.accounts, false) as is_worked
    from every_day left join weeks using (day) left join usual using (day)
)
select *, sum(is_worked::int) over (order by day)::int as number from judged
