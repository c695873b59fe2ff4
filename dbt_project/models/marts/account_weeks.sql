with night as (select as_of from {{ source('night', 'night') }}),

weeks as (
    select
        days.account_id,
        night.as_of,
        cast(floor({{ days_between('days.activity_date', 'night.as_of') }} / 7.0) as integer) as weeks_ago
    from {{ ref('int_activity_days') }} as days
    cross join night
    where
        days.is_first_news
        and days.known_date <= night.as_of
        and days.activity_date <= night.as_of
        and days.activity_date > {{ add_days('night.as_of', -728) }}
),

-- Three bits a week and twenty weeks a number: one pass over the days, and no row for every week of every account.
packed as (
    select
        account_id,
        as_of,
        {% for first in range(0, 104, 20) %}
        cast(coalesce(
            sum(cast(1 as bigint) << (3 * (weeks_ago % 20))) filter (where weeks_ago >= {{ first }} and weeks_ago < {{ first + 20 }}), 0
        ) as bigint) as weeks_from_{{ first }}{{ ',' if not loop.last }}
        {% endfor %}
    from weeks
    group by account_id, as_of
)

select
    account_id,
    as_of,
    {{ octal_digits('weeks_from_100', 4) }}
    {% for first in (80, 60, 40, 20, 0) %}
    || {{ octal_digits('weeks_from_' ~ first, 20) }}
    {% endfor %} as active_days_by_week
from packed
