-- An account that was merged tonight, or is told apart again: all of its days are counted anew.
{% if is_increment() %}
with spellings as (
    select
        coalesce(before.account_key, after.account_key) as account_key,
        coalesce(before.account_id, after.account_key) as account_id_before,
        coalesce(after.account_id, before.account_key) as account_id_now
    from {{ source('night', 'account_keys_before') }} as before
    full outer join {{ ref('int_account_keys') }} as after on after.account_key = before.account_key
)

select account_id_before as account_id from spellings where account_id_before <> account_id_now
union
select account_id_now as account_id from spellings where account_id_before <> account_id_now
{% else %}
select account_id
from {{ ref('int_account_keys') }}
where false
{% endif %}
