with keys as ({{ union_sources('account_keys', ['demo_crm', 'demo_billing']) }}),

direct as (
    select
        account_key,
        min(account_id) as account_id
    from keys
    where account_key is not null and account_id is not null
    group by account_key
)

-- A vendor may know an account by an id that another has merged away since: two steps on lead to the survivor.
select
    direct.account_key,
    coalesce(after_merge.account_id, merged.account_id, direct.account_id) as account_id
from direct
left join direct as merged on merged.account_key = direct.account_id
left join direct as after_merge on after_merge.account_key = merged.account_id
