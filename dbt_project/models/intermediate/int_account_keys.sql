with keys as ({{ union_sources('account_keys', ['demo_crm', 'demo_billing']) }})

select
    account_key,
    min(account_id) as account_id
from keys
where account_key is not null and account_id is not null
group by account_key
