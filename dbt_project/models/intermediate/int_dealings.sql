{{ config(materialized='view') }}
-- What passed between a customer and the company: an order is a habit, kept by day; the rest is kept one by one.
with night as (select * from {{ source('night', 'night') }}),

orders as (
    select
        account_id,
        'order' as kind,
        ordered_minor,
        activity_date,
        known_date
    from {{ ref('int_person_days_kept') }}
    where kind = 'order'
),

dealings as (
    select
        account_id,
        cast(null as varchar) as contact_id,
        cast(null as timestamp) as occurred_at,
        kind,
        cast(ordered_minor as double precision) as value,
        activity_date,
        known_date
    from orders
    union all
    select
        account_id,
        contact_id,
        occurred_at,
        kind,
        -- What was given back is an amount; shops write a credit note as an invoice below zero.
        case when kind = 'refund' then abs(value) else value end as value,
        activity_date,
        known_date
    from {{ ref('int_dealings_kept') }}
)

select
    dealings.account_id,
    dealings.contact_id,
    dealings.occurred_at,
    dealings.kind,
    dealings.value,
    dealings.activity_date,
    dealings.known_date
from dealings
cross join night
where dealings.activity_date <= night.as_of and dealings.known_date <= night.as_of
