select
    accounts.account_id,
    {{ company_date('accounts.created_at') }} as created_date,
    count(distinct days.activity_date) as first_14_active_days,
    count(distinct nullif(days.contact_id, '')) as first_14_people,
    count(distinct days.kind) as first_14_kinds
from {{ ref('int_accounts') }} as accounts
cross join {{ source('night', 'night') }} as night
left join {{ ref('int_person_days') }} as days
    on
        days.account_id = accounts.account_id
        and days.activity_date >= {{ company_date('accounts.created_at') }}
        and days.activity_date < {{ add_days(company_date('accounts.created_at'), 14) }}
        -- Late news of these days counts once the two weeks are over, so that no day's figure leans on a later one.
        and days.known_date < {{ add_days(company_date('accounts.created_at'), 14) }}
group by accounts.account_id, accounts.created_at
