-- The cadence of every account with a subscription in force, as of a day.
with now as (select number, len(weekdays) as week, weekdays from calendar where day = :as_of),
dates as (
    select day, weekday, is_worked, :as_of - day as age, now.number - calendar.number as work_age
    from calendar, now where day <= :as_of and day > :as_of - 728
),
weights as (
    select *, (100 ** (weekday - 1))::bigint as tally, round(1e6 * 0.5 ** (work_age / week))::bigint as weight_7,
        round(1e6 * 0.5 ** (work_age / (4 * week)))::bigint as weight_28, round(1e6 * 0.5 ** (work_age / (13 * week)))::bigint as weight_91
    from dates, now
),
working_dates as (
    select -work_age as due, day from dates where is_worked
    union all
    select row_number() over (order by day), day
    from (select unnest(generate_series((:as_of + 1)::timestamp, (:as_of + 366)::timestamp, interval 1 day))::date as day), now
    where list_contains(weekdays, isodow(day))
),
open_days as (
    select *, round(open_28, 9) as open_share_28,
        coalesce(case when open_28 > open_prev then open_prev / open_28 end, 1) as now_by_prev,
        coalesce(case when open_prev > open_28 then open_28 / open_prev end, 1) as prev_by_now,
        coalesce(case when open_28 > open_year then open_year / open_28 end, 1) as now_by_year,
        coalesce(case when open_year > open_28 then open_28 / open_year end, 1) as year_by_now,
        coalesce(case when open_year > open_before then open_before / open_year end, 1) as year_by_before,
        coalesce(case when open_before > open_year then open_year / open_before end, 1) as before_by_year
    from (
        select avg(is_worked::int) filter (where age < 28) as open_28, avg(is_worked::int) filter (where age between 28 and 55) as open_prev,
            avg(is_worked::int) filter (where age between 364 and 391) as open_year,
            avg(is_worked::int) filter (where age between 392 and 419) as open_before
        from (select is_worked, :as_of - day as age from calendar where day <= :as_of and list_contains(weekdays, weekday))
    )
),
population as (
    select account, sum(amount)::bigint as mrr, sum(seats)::bigint as seats
    from bills where issued <= :as_of and ends > :as_of group by account
),
unsettled as (
    select distinct account from days where is_first_news and day <= :as_of and known_day > :as_of
),
again as (
    select account, day, (day - lag(day) over (partition by account order by day))::int as gap
    from days semi join unsettled using (account) where is_first_news and known_day <= :as_of and day <= :as_of
),
known as (
    select days.account, days.day, events, is_first_news, x, y, age, work_age, is_worked, tally, weight_7, weight_28, weight_91,
        case when age < 365 and is_first_news then case when again.account is not null then again.gap else days.gap end end as gap
    from days join weights using (day) left join again using (account, day) where known_day <= :as_of
),
rhythm as (
    select account, max(known.day) as last_active_date, min(age) as days_silent, min(work_age) as silent_working_days,
        count(*) filter (where is_first_news) as active_days_total,
        count(*) filter (where is_first_news and age < 28) as active_days_28,
        count(*) filter (where is_first_news and age between 28 and 55) as active_days_prev_28,
        count(*) filter (where is_first_news and age < 91) as active_days_91,
        count(*) filter (where is_first_news and age between 91 and 181) as active_days_prev_91,
        count(*) filter (where is_first_news and age < 365) as active_days_365,
        count(*) filter (where is_first_news and age between 364 and 391) as same_weeks,
        count(*) filter (where is_first_news and age between 392 and 419) as weeks_before,
        count(*) filter (where is_first_news and age < 364 and not known.is_worked) as rest_days,
        sum(events) filter (where age < 28) as events_28, sum(events) filter (where age between 28 and 55) as events_prev_28,
        sum(events) filter (where age < 91) as events_91, sum(events) filter (where age < 364) as events_364,
        sum(events * weight_7) as decayed_7, sum(events * weight_28) as decayed_28, sum(events * weight_91) as decayed_91,
        coalesce(sum(tally) filter (where is_first_news and age < 364), 0)::bigint as usually,
        coalesce(sum(tally) filter (where is_first_news and age < 28), 0)::bigint as lately,
        sum(x) filter (where age < 364) as x, sum(y) filter (where age < 364) as y,
        sum(x) filter (where age < 28) as x_28, sum(y) filter (where age < 28) as y_28,
        count(gap) as gaps, count(gap) filter (where calendar.number > earlier.number) as work_gaps,
        quantile_cont(gap, [0.25, 0.5, 0.75, 0.9]) as q,
        quantile_cont(nullif(calendar.number - earlier.number, 0), [0.1, 0.25, 0.5, 0.75, 0.9]) as w
    from known join calendar using (day) left join calendar as earlier on earlier.day = known.day - gap
    group by account
),
scored as (
    select rhythm.* replace ([round(v, 6) for v in q] as q, [round(v, 6) for v in w] as w),
        [usually // (100 ** n)::bigint % 100 for n in range(7)] as u, [lately // (100 ** n)::bigint % 100 for n in range(7)] as l,
        case when sqrt(x * x + y * y) >= 200 * events_364 then atan2(y, x) * 12 / pi() end as hour,
        case when sqrt(x_28 * x_28 + y_28 * y_28) >= 200 * events_28 then atan2(y_28, x_28) * 12 / pi() end as hour_28
    from rhythm semi join population using (account)
),
company as (
    select coalesce(median(q[2]), 7) as d, median(q[3] - q[1]) as d_spread, median(q[4]) as d_90, coalesce(median(w[3]), 5) as v,
        median(w[4] - w[2]) as v_spread, median(w[1]) as v_10, median(w[5]) as v_90
    from scored
),
shrunk as (
    select scored.*, round((gaps * coalesce(q[2], 0) + 3 * d) / (gaps + 3), 2) as gap_days,
        round((gaps * coalesce(q[3] - q[1], 0) + 3 * d_spread) / (gaps + 3), 2) as spread_days,
        round((gaps * coalesce(q[4], 0) + 3 * d_90) / (gaps + 3), 2) as p90_days,
        round((work_gaps * coalesce(w[3], 0) + 3 * v) / (work_gaps + 3), 2) as gap_work,
        round((work_gaps * coalesce(w[4] - w[2], 0) + 3 * v_spread) / (work_gaps + 3), 2) as spread_work,
        round((work_gaps * coalesce(w[1], 0) + 3 * v_10) / (work_gaps + 3), 2) as p10_work,
        round((work_gaps * coalesce(w[5], 0) + 3 * v_90) / (work_gaps + 3), 2) as p90_work
    from scored, company
),
recent as (
    select account, contact, kind, age, min(work_age) as work_age from person_days join dates using (day)
    where age < 119 and known_day <= :as_of group by all
),
breadth as (
    select account, count(distinct kind) filter (where age < 28) as kinds_28, count(distinct kind) filter (where age >= 28) as kinds_prev_28,
        count(distinct contact) filter (where age < 28) as people_28, count(distinct contact) filter (where age >= 28) as people_prev_28
    from recent where age < 56 group by account
),
people as (
    select account, contact, min(age) as silent, min(work_age) as silent_work, count(distinct age) filter (where age >= 28) as days_before
    from recent group by all having days_before > 0
),
champions as (
    select account, arg_min({s: silent, w: silent_work, d: days_before}, (-days_before, contact)) as first_one, sum(days_before) as all_days
    from people group by account
),
money as (
    select account, coalesce(sum(amount) filter (where issued > :as_of - 91), 0) as spend_91, sum(amount) as spend_365,
        coalesce(sum(amount) filter (where issued between :as_of - 181 and :as_of - 91), 0) as spend_prev_91,
        count(*) filter (where issued > :as_of - 182 and due < :as_of and (paid is null or paid > due)) as late,
        count(*) filter (where issued > :as_of - 182 and due < :as_of and (paid is null or paid > :as_of)) as overdue
    from bills where issued <= :as_of and issued > :as_of - 365 group by account
),
before as (select account, sum(amount) as mrr from bills where issued <= :as_of - 91 and ends > :as_of - 91 group by account),
changes as (
    select account, arg_max(rise, changed) filter (where rise > 0 and changed > :as_of - 180) as rise,
        max(changed) filter (where rise > 0 and changed > :as_of - 180) as risen, count(*) filter (where is_downgrade) as downgrades
    from prices where changed <= :as_of and changed > :as_of - 182 group by account
)
select account, :as_of as as_of, :as_of - created as tenure_days,
    coalesce(active_days_total, 0) as active_days_total, coalesce(active_days_28, 0) as active_days_28,
    coalesce(active_days_prev_28, 0) as active_days_prev_28, coalesce(active_days_91, 0) as active_days_91,
    coalesce(active_days_prev_91, 0) as active_days_prev_91, coalesce(active_days_365, 0) as active_days_365,
    coalesce(events_28, 0)::bigint as events_28, coalesce(events_prev_28, 0)::bigint as events_prev_28, coalesce(events_91, 0)::bigint as events_91,
    gap_days as usual_gap_days, spread_days as gap_spread_days, p90_days as gap_p90_days, gap_work as usual_gap_working_days,
    spread_work as gap_spread_working_days, p90_work as gap_p90_working_days, coalesce(gaps, 0) as gap_count, last_active_date,
    days_silent, silent_working_days, now.week as working_days_a_week, open_share_28,
    round(silent_working_days / greatest(gap_work, 1), 9) as silence_ratio, round(silent_working_days - gap_work, 9) as overdue_working_days,
    coalesce(e.day, :as_of + round((round(gap_work) - silent_working_days) * 7.0 / now.week)::int) as expected_next_date,
    coalesce(f.day, :as_of + round((floor(p10_work) - silent_working_days) * 7.0 / now.week)::int) as expected_next_earliest_date,
    coalesce(g.day, :as_of + round((ceil(p90_work) - silent_working_days) * 7.0 / now.week)::int) as expected_next_latest_date,
    round((coalesce(active_days_28, 0) * now_by_prev + 1) / (coalesce(active_days_prev_28, 0) * prev_by_now + 1), 9) as trend_ratio,
    case when recorded >= 392 then coalesce(same_weeks, 0) end as same_weeks_last_year_active_days,
    case when recorded >= 420 then round((coalesce(same_weeks, 0) * year_by_before + 1) / (coalesce(weeks_before, 0) * before_by_year + 1), 9) end as same_weeks_last_year_trend_ratio,
    case when recorded >= 392 then round((coalesce(active_days_28, 0) * now_by_year + 1) / (coalesce(same_weeks, 0) * year_by_now + 1), 9) end as year_trend_ratio,
    round(coalesce(decayed_7, 0) / 1e6, 6) as decayed_events_7, round(coalesce(decayed_28, 0) / 1e6, 6) as decayed_events_28,
    round(coalesce(decayed_91, 0) / 1e6, 6) as decayed_events_91, round(rest_days / nullif(list_sum(u), 0), 9) as rest_day_share,
    case when list_sum(u) > 0 then list_position(u, list_max(u)) end as usual_weekday, round(list_max(u) / nullif(list_sum(u), 0), 9) as usual_weekday_share,
    case when list_sum(u) >= 12 and list_sum(l) >= 4
        then round(list_sum([abs(l[n] / list_sum(l) - u[n] / list_sum(u)) for n in range(1, 8)]) / 2, 9) end as weekday_shift_28_share,
    round(hour - 24 * floor(hour / 24), 2) as usual_hour,
    round(least(hour_28 - hour - 24 * floor((hour_28 - hour) / 24), 24 - (hour_28 - hour - 24 * floor((hour_28 - hour) / 24))), 2) as hour_shift_28_hours,
    coalesce(kinds_28, 0) as kinds_28, coalesce(kinds_prev_28, 0) as kinds_prev_28,
    coalesce(people_28, 0) as people_active_28, coalesce(people_prev_28, 0) as people_active_prev_28,
    round(coalesce(people_28, 0) / nullif(seats, 0), 9) as seat_share,
    first_one.s as champion_days_silent, first_one.w as champion_silent_working_days, first_one.d as champion_active_days_prev_91,
    round(first_one.d / all_days, 9) as champion_share_prev,
    case when :as_of - created >= 14 then days_14 end as first_14_active_days, case when :as_of - created >= 14 then people_14 end as first_14_people,
    case when :as_of - created >= 14 then kinds_14 end as first_14_kinds,
    case when second_person <= :as_of then second_person - created end as second_person_age_days,
    case when third_person <= :as_of then third_person - created end as third_person_age_days,
    case when third_kind <= :as_of then third_kind - created end as third_kind_age_days,
    case when fifth_day <= :as_of then fifth_day - created end as fifth_active_day_age_days,
    population.mrr as mrr_minor, round((population.mrr - before.mrr) / before.mrr, 9) as mrr_change_91_share,
    coalesce(rise, 0) as price_rise_share_180, :as_of - risen as days_since_price_rise,
    coalesce(spend_91, 0)::bigint as spend_91_minor, coalesce(spend_prev_91, 0)::bigint as spend_prev_91_minor, coalesce(spend_365, 0)::bigint as spend_365_minor,
    coalesce(late, 0) as late_payments_182, coalesce(overdue, 0) as open_invoices_overdue, coalesce(downgrades, 0) as downgrades_182, seats,
    case when :as_of + 60 <= (select max(day) from calendar) then stays.ends <= :as_of + 60 end as left_in_horizon
from population cross join now cross join open_days
join (select *, :as_of - greatest(created, (select min(day) from days)) as recorded from firsts where created <= :as_of) using (account)
left join stays using (account) left join shrunk using (account) left join breadth using (account) left join champions using (account)
left join money using (account) left join before using (account) left join changes using (account)
left join working_dates as e on e.due = round(gap_work) - silent_working_days
left join working_dates as f on f.due = floor(p10_work) - silent_working_days
left join working_dates as g on g.due = ceil(p90_work) - silent_working_days
