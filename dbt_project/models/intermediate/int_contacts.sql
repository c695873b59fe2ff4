with contacts as ({{ union_sources('contacts', ['generic', 'demo_crm']) }}),

night as (select * from {{ source('night', 'night') }}),

named as (
    select
        coalesce(contacts.contact_id, {{ resolved_account('contacts') }} || ':' || contacts.email) as contact_id,
        {{ resolved_account('contacts') }} as account_id,
        lower(trim(contacts.email)) as email,
        contacts.first_name,
        contacts.locale,
        contacts.timezone,
        contacts.marketing_consent,
        contacts.consent_at,
        contacts.role,
        coalesce(contacts.is_active, true) and (contacts.removed_at is null or contacts.removed_at >= night.midnight_at) as is_active,
        {{ company_date('contacts.added_at') }} as added_date,
        {{ company_date('contacts.removed_at') }} as removed_date
    from contacts
    cross join night
    {{ join_account('contacts') }}
    where contacts.account_id is not null and coalesce(contacts.contact_id, contacts.email) is not null
),

-- An export of orders names its customer on every line: the last word on consent counts, and between equals a no.
ranked as (
    select
        named.*,
        min(added_date) over (partition by contact_id) as first_added_date,
        row_number() over (
            partition by contact_id
            order by
                consent_at desc nulls last, marketing_consent asc nulls last, is_active desc, email asc nulls last,
                account_id asc, first_name asc nulls last, locale asc nulls last, timezone asc nulls last, role asc nulls last
        ) as rank_in_contact
    from named
)

select
    contact_id,
    account_id,
    email,
    first_name,
    locale,
    timezone,
    marketing_consent,
    consent_at,
    role,
    is_active,
    first_added_date as added_date,
    removed_date
from ranked
where rank_in_contact = 1
