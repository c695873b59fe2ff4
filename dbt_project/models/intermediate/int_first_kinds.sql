with used as (
    select account_id, kind, min(age_days) as age_days
    from {{ ref('int_early_days') }}
    where age_days < {{ early_days() | max }}
    group by account_id, kind
),

-- Key features: the ten that most accounts try; a company may record hundreds of kinds.
key_kinds as (
    select kind
    from (
        select kind, row_number() over (order by count(*) desc, md5(kind)) as place
        from used
        group by kind
    ) as ranked
    where place <= 10
)

select used.account_id, used.kind, used.age_days
from used
inner join key_kinds on key_kinds.kind = used.kind
