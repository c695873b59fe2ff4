{{ config(materialized='by_day', days='night') }}
select {{ cadence_columns() | join(', ') }}
from {{ ref('int_cadence') }}
