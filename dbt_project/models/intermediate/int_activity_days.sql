{{ config(materialized='view') }}
-- Late news of a day is a row of its own, so that a past cut-off sees what was known by then and no more. A stored gap
-- holds unless a day before it was not known by the night yet: then the account's gaps are measured again.
with night as (select * from {{ source('night', 'night') }}),

known as (
    select days.*
    from {{ ref('int_activity_days_kept') }} as days
    cross join night
    where days.activity_date <= night.as_of and days.known_date <= night.as_of
),

unsettled as (
    select distinct days.account_id
    from {{ ref('int_activity_days_kept') }} as days
    cross join night
    where days.is_first_news and days.activity_date <= night.as_of and days.known_date > night.as_of
),

measured_again as (
    select
        known.account_id,
        known.activity_date,
        {{ days_between('lag(known.activity_date) over (partition by known.account_id order by known.activity_date)', 'known.activity_date') }} as gap_days
    from known
    inner join unsettled on unsettled.account_id = known.account_id
    where known.is_first_news
)

select
    known.account_id,
    known.activity_date,
    known.known_date,
    known.events,
    known.clock_x_thousandths,
    known.clock_y_thousandths,
    known.is_first_news,
    cast(case
        when not known.is_first_news then null
        when measured_again.account_id is not null then measured_again.gap_days
        else known.gap_days
    end as integer) as gap_days
from known
left join measured_again
    on measured_again.account_id = known.account_id and measured_again.activity_date = known.activity_date
