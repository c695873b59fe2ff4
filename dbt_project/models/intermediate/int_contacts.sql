with contacts as ({{ union_sources('contacts', ['generic', 'demo_crm']) }})

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
    coalesce(contacts.is_active, true) as is_active
from contacts
{{ join_account('contacts') }}
where contacts.account_id is not null and coalesce(contacts.contact_id, contacts.email) is not null
