-- Cut-offs are computed in nights that train a model; in between, the panel of the last such night stays.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ forget_rows(not has_cutoffs()) }}",
) }}
select
    {% for column in cadence_columns() %}cadence.{{ column }}, {% endfor %}
    cadence.as_of as cutoff,
    outcomes.left_in_horizon,
    outcomes.left_kind
from {{ ref('int_cadence') }} as cadence
left join {{ ref('int_outcomes') }} as outcomes
    on outcomes.as_of = cadence.as_of and outcomes.account_id = cadence.account_id
where cadence.as_of < (select night.as_of from {{ source('night', 'night') }} as night)
