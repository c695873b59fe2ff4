-- Cut-offs are computed in nights that train a model; in between, the panel of the last such night stays.
{{ config(materialized='by_day', days='cutoffs') }}
select
    {% for column in cadence_columns() %}cadence.{{ column }}, {% endfor %}
    cadence.as_of as cutoff,
    outcomes.left_in_horizon,
    outcomes.left_kind
from {{ ref('int_cadence') }} as cadence
left join {{ ref('int_outcomes') }} as outcomes
    on outcomes.as_of = cadence.as_of and outcomes.account_id = cadence.account_id
