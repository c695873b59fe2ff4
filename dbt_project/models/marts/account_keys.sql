select
    account_key,
    account_id
from {{ ref('int_account_keys') }}
