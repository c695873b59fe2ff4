{{ config(materialized='view') }}
-- Every cadence feature, defined once: the night's day and each past cut-off are rows of the same query.
with company_rhythm as (
    select
        as_of,
        {{ quantile('gap_median_days', 0.5) }} as median_days,
        {{ quantile('gap_upper_days - gap_lower_days', 0.5) }} as spread_days,
        {{ quantile('gap_p90_days', 0.5) }} as p90_days,
        {{ quantile('gap_median_working_days', 0.5) }} as median_working_days,
        {{ quantile('gap_upper_working_days - gap_lower_working_days', 0.5) }} as spread_working_days,
        {{ quantile('gap_p10_working_days', 0.5) }} as p10_working_days,
        {{ quantile('gap_p90_working_days', 0.5) }} as p90_working_days
    from {{ ref('int_rhythm') }}
    group by as_of
),

shrunk as (
    select
        rhythm.*,
        {{ shrunk('rhythm.gap_median_days', 'rhythm.gap_count', 'coalesce(company.median_days, 7)') }} as usual_gap_days,
        {{ shrunk('rhythm.gap_upper_days - rhythm.gap_lower_days', 'rhythm.gap_count', 'company.spread_days') }} as gap_spread_days,
        {{ shrunk('rhythm.gap_p90_days', 'rhythm.gap_count', 'company.p90_days') }} as usual_p90_days,
        {{ shrunk('rhythm.gap_median_working_days', 'rhythm.gap_working_count', 'coalesce(company.median_working_days, 5)') }} as usual_gap_working_days,
        {{ shrunk('rhythm.gap_upper_working_days - rhythm.gap_lower_working_days', 'rhythm.gap_working_count', 'company.spread_working_days') }} as gap_spread_working_days,
        {{ shrunk('rhythm.gap_p10_working_days', 'rhythm.gap_working_count', 'company.p10_working_days') }} as usual_p10_working_days,
        {{ shrunk('rhythm.gap_p90_working_days', 'rhythm.gap_working_count', 'company.p90_working_days') }} as usual_p90_working_days
    from {{ ref('int_rhythm') }} as rhythm
    inner join company_rhythm as company on company.as_of = rhythm.as_of
),

-- How many working days after the day the next activity is due: under 0 when it was due before.
due as (
    select
        shrunk.*,
        cast({{ whole('usual_gap_working_days') }} as integer) - silent_working_days as due_working_days,
        cast(floor(usual_p10_working_days) as integer) - silent_working_days as due_earliest_working_days,
        cast(ceil(usual_p90_working_days) as integer) - silent_working_days as due_latest_working_days
    from shrunk
),

-- The day on which each running number of working days stands, as of each day of the population.
working_dates as (
    select as_of, age_working_days, calendar_date
    from {{ ref('int_day_ages') }}
    where is_working_day
),

weeks as (
    select as_of, working_days_a_week
    from {{ ref('int_day_ages') }}
    where age_days = 0
),

-- How much of the company's usual working time each window of four weeks had: holidays and outages are no one's decline.
windows as (
    select
        weeks.as_of,
        {{ open_share('weeks.as_of', 0) }} as open_share_28,
        {{ open_share('weeks.as_of', 28) }} as open_share_prev_28,
        {{ open_share('weeks.as_of', 364) }} as open_share_same_weeks_last_year,
        {{ open_share('weeks.as_of', 392) }} as open_share_weeks_before_last_year
    from weeks
    inner join {{ ref('int_calendar') }} as calendar
        on calendar.calendar_date <= weeks.as_of and calendar.calendar_date > {{ add_days('weeks.as_of', -420) }}
    where strpos(calendar.working_weekdays, cast(calendar.iso_weekday as varchar)) > 0
    group by weeks.as_of
),

recorded as (
    select min(activity_date) as first_date from {{ ref('int_activity_days') }}
),

population as (
    select
        population.as_of,
        population.account_id,
        accounts.created_date,
        accounts.timezone,
        {{ days_between('accounts.created_date', 'population.as_of') }} as tenure_days,
        -- Days of its life that the record covers: a year ago means nothing before it begins.
        {{ days_between('greatest(accounts.created_date, recorded.first_date)', 'population.as_of') }} as recorded_days
    from {{ ref('int_population') }} as population
    cross join recorded
    inner join (
        select account_id, timezone, {{ company_date('created_at') }} as created_date from {{ ref('int_accounts') }}
    ) as accounts on accounts.account_id = population.account_id
    where accounts.created_date <= population.as_of
),

-- Where an account's clocks differ from the company's; a zone that nobody knows counts as the company's.
away as (
    select
        weeks.as_of,
        zones.timezone,
        {{ zone_hours('weeks.as_of', 'zones.timezone') }} - {{ zone_hours('weeks.as_of', "'" ~ var('timezone') ~ "'") }} as hours_ahead
    from weeks
    cross join (select distinct timezone from {{ ref('int_accounts') }} where timezone in ({{ known_zones() }})) as zones
)

select
    population.account_id,
    population.as_of,
    cast(population.tenure_days as integer) as tenure_days,
    cast(coalesce(rhythm.active_days_total, 0) as integer) as active_days_total,
    cast(coalesce(rhythm.active_days_28, 0) as integer) as active_days_28,
    cast(coalesce(rhythm.active_days_prev_28, 0) as integer) as active_days_prev_28,
    cast(coalesce(rhythm.active_days_91, 0) as integer) as active_days_91,
    cast(coalesce(rhythm.active_days_prev_91, 0) as integer) as active_days_prev_91,
    cast(coalesce(rhythm.active_days_365, 0) as integer) as active_days_365,
    coalesce(rhythm.events_28, 0) as events_28,
    coalesce(rhythm.events_prev_28, 0) as events_prev_28,
    coalesce(rhythm.events_91, 0) as events_91,
    rhythm.usual_gap_days,
    rhythm.gap_spread_days,
    rhythm.usual_p90_days as gap_p90_days,
    rhythm.usual_gap_working_days,
    rhythm.gap_spread_working_days,
    rhythm.usual_p90_working_days as gap_p90_working_days,
    cast(coalesce(rhythm.gap_count, 0) as integer) as gap_count,
    rhythm.last_active_date,
    rhythm.days_silent,
    rhythm.silent_working_days,
    weeks.working_days_a_week,
    {{ rounded('windows.open_share_28', 9) }} as open_share_28,
    {{ ratio('rhythm.silent_working_days', 'greatest(rhythm.usual_gap_working_days, 1)') }} as silence_ratio,
    {{ rounded('rhythm.silent_working_days - rhythm.usual_gap_working_days', 9) }} as overdue_working_days,
    {{ due_date('expected', 'rhythm.due_working_days') }} as expected_next_date,
    {{ due_date('earliest', 'rhythm.due_earliest_working_days') }} as expected_next_earliest_date,
    {{ due_date('latest', 'rhythm.due_latest_working_days') }} as expected_next_latest_date,
    {{ trend('rhythm.active_days_28', 'windows.open_share_28', 'rhythm.active_days_prev_28', 'windows.open_share_prev_28') }} as trend_ratio,
    case when population.recorded_days >= 392 then cast(coalesce(rhythm.same_weeks_last_year_active_days, 0) as integer) end as same_weeks_last_year_active_days,
    case
        when population.recorded_days >= 420
            then {{ trend('rhythm.same_weeks_last_year_active_days', 'windows.open_share_same_weeks_last_year', 'rhythm.weeks_before_last_year_active_days', 'windows.open_share_weeks_before_last_year') }}
    end as same_weeks_last_year_trend_ratio,
    case
        when population.recorded_days >= 392
            then {{ trend('rhythm.active_days_28', 'windows.open_share_28', 'rhythm.same_weeks_last_year_active_days', 'windows.open_share_same_weeks_last_year') }}
    end as year_trend_ratio,
    {{ rounded('coalesce(rhythm.decayed_events_7_millionths, 0) / 1000000.0', 6) }} as decayed_events_7,
    {{ rounded('coalesce(rhythm.decayed_events_28_millionths, 0) / 1000000.0', 6) }} as decayed_events_28,
    {{ rounded('coalesce(rhythm.decayed_events_91_millionths, 0) / 1000000.0', 6) }} as decayed_events_91,
    rhythm.rest_day_share,
    rhythm.usual_weekday,
    rhythm.usual_weekday_share,
    rhythm.weekday_shift_28_share,
    {{ rounded(hour_of_day('rhythm.usual_hour + coalesce(away.hours_ahead, 0)'), 2) }} as usual_hour,
    rhythm.hour_shift_28_hours,
    cast(coalesce(breadth.kinds_28, 0) as integer) as kinds_28,
    cast(coalesce(breadth.kinds_prev_28, 0) as integer) as kinds_prev_28,
    cast(coalesce(breadth.people_active_28, 0) as integer) as people_active_28,
    cast(coalesce(breadth.people_active_prev_28, 0) as integer) as people_active_prev_28,
    cast(coalesce(people.contact_count, 0) as integer) as contact_count,
    cast(people.contacts_added_91 as integer) as contacts_added_91,
    cast(people.contacts_removed_91 as integer) as contacts_removed_91,
    {{ ratio('coalesce(breadth.people_active_28, 0)', 'terms.seats') }} as seat_share,
    champions.champion_days_silent,
    champions.champion_silent_working_days,
    champions.champion_is_gone,
    cast(champions.champion_active_days_prev_91 as integer) as champion_active_days_prev_91,
    champions.champion_share_prev,
    case when population.tenure_days >= 14 then cast(first_days.first_14_active_days as integer) end as first_14_active_days,
    case when population.tenure_days >= 14 then cast(first_days.first_14_people as integer) end as first_14_people,
    case when population.tenure_days >= 14 then cast(first_days.first_14_kinds as integer) end as first_14_kinds,
    {{ age_reached('milestones.second_person_date') }} as second_person_age_days,
    {{ age_reached('milestones.third_person_date') }} as third_person_age_days,
    {{ age_reached('milestones.third_kind_date') }} as third_kind_age_days,
    {{ age_reached('milestones.fifth_active_day_date') }} as fifth_active_day_age_days,
    terms.mrr_reporting_minor as mrr_minor,
    {{ ratio('terms.mrr_reporting_minor - changes.mrr_91_days_before_minor', 'changes.mrr_91_days_before_minor') }} as mrr_change_91_share,
    case when terms.account_id is not null then changes.price_rise_share_180 end as price_rise_share_180,
    cast(changes.days_since_price_rise as integer) as days_since_price_rise,
    cast(terms.discount_share as double precision) as discount_share,
    money.spend_91_minor,
    money.spend_prev_91_minor,
    money.spend_365_minor,
    cast(coalesce(incidents.failed_payments_91, 0) as integer) as failed_payments_91,
    cast(coalesce(incidents.failed_payments_28, 0) as integer) as failed_payments_28,
    cast(money.late_payments_182 as integer) as late_payments_182,
    coalesce(incidents.refunds_91_minor, 0) as refunds_91_minor,
    cast(money.open_invoices_overdue as integer) as open_invoices_overdue,
    cast(coalesce(incidents.tickets_28, 0) as integer) as tickets_28,
    cast(coalesce(incidents.tickets_91, 0) as integer) as tickets_91,
    cast(coalesce(incidents.open_tickets, 0) as integer) as open_tickets,
    incidents.answer_days_91,
    cast(coalesce(incidents.calls_91, 0) as integer) as calls_91,
    case when terms.is_annual then cast({{ days_between('population.as_of', 'terms.contract_ends_date') }} as integer) end as days_to_renewal,
    terms.is_annual,
    case when terms.account_id is not null then cast(changes.downgrades_182 as integer) end as downgrades_182,
    terms.seats
from population
left join {{ ref('int_first_days') }} as first_days on first_days.account_id = population.account_id
left join due as rhythm on rhythm.as_of = population.as_of and rhythm.account_id = population.account_id
left join {{ ref('int_breadth') }} as breadth on breadth.as_of = population.as_of and breadth.account_id = population.account_id
left join {{ ref('int_champions') }} as champions on champions.as_of = population.as_of and champions.account_id = population.account_id
left join {{ ref('int_terms') }} as terms on terms.as_of = population.as_of and terms.account_id = population.account_id
left join {{ ref('int_money') }} as money on money.as_of = population.as_of and money.account_id = population.account_id
left join {{ ref('int_incidents') }} as incidents on incidents.as_of = population.as_of and incidents.account_id = population.account_id
left join {{ ref('int_terms_changes') }} as changes on changes.as_of = population.as_of and changes.account_id = population.account_id
left join {{ ref('int_people') }} as people on people.as_of = population.as_of and people.account_id = population.account_id
left join {{ ref('int_milestones') }} as milestones on milestones.account_id = population.account_id
left join away on away.as_of = population.as_of and away.timezone = population.timezone
left join weeks on weeks.as_of = population.as_of
left join windows on windows.as_of = population.as_of
{% for name, due in [('expected', 'due_working_days'), ('earliest', 'due_earliest_working_days'), ('latest', 'due_latest_working_days')] -%}
left join working_dates as {{ name }}
    on {{ name }}.as_of = population.as_of and {{ name }}.age_working_days = -rhythm.{{ due }}
{% endfor -%}
