-- Every cadence feature, defined once: the night's day and each past cut-off are rows of the same query.
with company_rhythm as (
    select
        as_of,
        {{ quantile('gap_median_days', 0.5) }} as company_gap_days
    from {{ ref('int_rhythm') }}
    group by as_of
),

people as (
    select account_id, count(*) as contact_count
    from {{ ref('int_contacts') }}
    where is_active
    group by account_id
),

shrunk as (
    select
        rhythm.as_of,
        rhythm.account_id,
        -- Few gaps say little: the company's own rhythm weighs as much as three of them.
        {{ rounded('''(rhythm.gap_count * coalesce(rhythm.gap_median_days, 0) + 3 * coalesce(company_rhythm.company_gap_days, 7))
            / (rhythm.gap_count + 3.0)''', 2) }} as usual_gap_days
    from {{ ref('int_rhythm') }} as rhythm
    inner join company_rhythm on company_rhythm.as_of = rhythm.as_of
)

select
    population.account_id,
    population.as_of,
    cast({{ days_between('first_days.created_date', 'population.as_of') }} as integer) as tenure_days,
    cast(coalesce(rhythm.active_days_total, 0) as integer) as active_days_total,
    cast(coalesce(rhythm.active_days_28, 0) as integer) as active_days_28,
    cast(coalesce(rhythm.active_days_prev_28, 0) as integer) as active_days_prev_28,
    cast(coalesce(rhythm.active_days_91, 0) as integer) as active_days_91,
    cast(coalesce(rhythm.active_days_prev_91, 0) as integer) as active_days_prev_91,
    cast(coalesce(rhythm.active_days_365, 0) as integer) as active_days_365,
    coalesce(rhythm.events_28, 0) as events_28,
    coalesce(rhythm.events_prev_28, 0) as events_prev_28,
    coalesce(rhythm.events_91, 0) as events_91,
    cast(shrunk.usual_gap_days as double precision) as usual_gap_days,
    cast(rhythm.gap_upper_days - rhythm.gap_lower_days as double precision) as gap_spread_days,
    cast(rhythm.gap_p90_days as double precision) as gap_p90_days,
    cast(coalesce(rhythm.gap_count, 0) as integer) as gap_count,
    rhythm.last_active_date,
    rhythm.days_silent,
    {{ ratio('rhythm.days_silent', 'greatest(shrunk.usual_gap_days, 1)') }} as silence_ratio,
    {{ rounded('rhythm.days_silent - shrunk.usual_gap_days', 9) }} as overdue_days,
    {{ add_days('rhythm.last_active_date', whole('shrunk.usual_gap_days')) }} as expected_next_date,
    {{ ratio('coalesce(rhythm.active_days_28, 0) + 1', 'coalesce(rhythm.active_days_prev_28, 0) + 1') }} as trend_ratio,
    case
        when {{ days_between('first_days.created_date', 'population.as_of') }} >= 392
            then cast(coalesce(rhythm.same_weeks_last_year_active_days, 0) as integer)
    end as same_weeks_last_year_active_days,
    case
        when {{ days_between('first_days.created_date', 'population.as_of') }} >= 420
            then {{ ratio('coalesce(rhythm.same_weeks_last_year_active_days, 0) + 1', 'coalesce(rhythm.weeks_before_last_year_active_days, 0) + 1') }}
    end as same_weeks_last_year_trend_ratio,
    {{ rounded('coalesce(rhythm.decayed_events_7_millionths, 0) / 1000000.0', 6) }} as decayed_events_7,
    {{ rounded('coalesce(rhythm.decayed_events_28_millionths, 0) / 1000000.0', 6) }} as decayed_events_28,
    {{ rounded('coalesce(rhythm.decayed_events_91_millionths, 0) / 1000000.0', 6) }} as decayed_events_91,
    cast(coalesce(breadth.kinds_28, 0) as integer) as kinds_28,
    cast(coalesce(breadth.kinds_prev_28, 0) as integer) as kinds_prev_28,
    cast(coalesce(breadth.people_active_28, 0) as integer) as people_active_28,
    cast(coalesce(breadth.people_active_prev_28, 0) as integer) as people_active_prev_28,
    cast(coalesce(people.contact_count, 0) as integer) as contact_count,
    {{ ratio('coalesce(breadth.people_active_28, 0)', 'terms.seats') }} as seat_share,
    champions.champion_days_silent,
    cast(champions.champion_active_days_prev_91 as integer) as champion_active_days_prev_91,
    champions.champion_share_prev,
    case when {{ days_between('first_days.created_date', 'population.as_of') }} >= 14 then cast(first_days.first_14_active_days as integer) end as first_14_active_days,
    case when {{ days_between('first_days.created_date', 'population.as_of') }} >= 14 then cast(first_days.first_14_people as integer) end as first_14_people,
    case when {{ days_between('first_days.created_date', 'population.as_of') }} >= 14 then cast(first_days.first_14_kinds as integer) end as first_14_kinds,
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
    cast(coalesce(incidents.calls_91, 0) as integer) as calls_91,
    case when terms.is_annual then cast({{ days_between('population.as_of', 'terms.contract_ends_date') }} as integer) end as days_to_renewal,
    terms.is_annual,
    case when terms.account_id is not null then cast(changes.downgrades_182 as integer) end as downgrades_182,
    terms.seats
from {{ ref('int_population') }} as population
left join {{ ref('int_first_days') }} as first_days on first_days.account_id = population.account_id
left join {{ ref('int_rhythm') }} as rhythm on rhythm.as_of = population.as_of and rhythm.account_id = population.account_id
left join shrunk on shrunk.as_of = population.as_of and shrunk.account_id = population.account_id
left join {{ ref('int_breadth') }} as breadth on breadth.as_of = population.as_of and breadth.account_id = population.account_id
left join {{ ref('int_champions') }} as champions on champions.as_of = population.as_of and champions.account_id = population.account_id
left join {{ ref('int_terms') }} as terms on terms.as_of = population.as_of and terms.account_id = population.account_id
left join {{ ref('int_money') }} as money on money.as_of = population.as_of and money.account_id = population.account_id
left join {{ ref('int_incidents') }} as incidents on incidents.as_of = population.as_of and incidents.account_id = population.account_id
left join {{ ref('int_terms_changes') }} as changes on changes.as_of = population.as_of and changes.account_id = population.account_id
left join people on people.account_id = population.account_id
where {{ days_between('first_days.created_date', 'population.as_of') }} >= 0
