{{ config(materialized='incremental', incremental_strategy='append', pre_hook="{{ forget_rows(keeps_rows()) }}") }}
select
    source,
    resource,
    row_id
from {{ ref('int_newly_replaced_rows') }}
