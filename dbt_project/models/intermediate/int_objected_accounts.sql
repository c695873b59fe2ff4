{{ config(materialized='view') }}
with objections as (select subject from {{ source('operations', 'objections') }}),

people as (
    select
        contacts.account_id,
        count(*) as people,
        count(*) filter (where contacts.email in (select subject from objections where subject is not null)) as objecting
    from {{ ref('int_contacts') }} as contacts
    where contacts.is_active and contacts.email is not null
    group by contacts.account_id
)

-- One of several people speaks for himself: the account is looked at all the same.
select account_id from people
where people = objecting
union
select {{ resolved_account('objections') }} as account_id
from (select subject as account_id from objections) as objections
{{ join_account('objections') }}
where objections.account_id not like '%@%'
