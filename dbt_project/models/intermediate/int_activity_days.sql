{{ config(materialized='view') }}
-- Late news of a day is a row of its own, so that a past cut-off sees what was known by then and no more. A stored gap
-- holds unless a day before it was not known by the night yet: then the account's gaps are measured again.
with night as (select * from {{ source('night', 'night') }}),

unsettled as (
    select distinct days.account_id
    from {{ ref('int_activity_days_kept') }} as days
    cross join night
    where days.is_first_news and days.activity_date <= night.as_of and days.known_date > night.as_of
),

measured_again as (
    select
        days.account_id,
        days.activity_date,
        {{ days_between('lag(days.activity_date) over (partition by days.account_id order by days.activity_date)', 'days.activity_date') }} as gap_days
    from unsettled
    cross join night
    inner join {{ ref('int_activity_days_kept') }} as days on days.account_id = unsettled.account_id
    where days.is_first_news and days.activity_date <= night.as_of and days.known_date <= night.as_of
)

select
    days.account_id,
    days.activity_date,
    days.known_date,
    days.events,
    days.clock_x_thousandths,
    days.clock_y_thousandths,
    days.is_first_news,
    cast(case
        when not days.is_first_news then null
        when measured_again.account_id is not null then measured_again.gap_days
        else days.gap_days
    end as integer) as gap_days
from {{ ref('int_activity_days_kept') }} as days
cross join night
left join measured_again
    on measured_again.account_id = days.account_id and measured_again.activity_date = days.activity_date
where days.activity_date <= night.as_of and days.known_date <= night.as_of
