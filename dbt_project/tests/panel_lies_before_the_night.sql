-- A cut-off of the panel whose label window has not ended would teach the model what nobody can know yet.
select panel.cutoff
from {{ ref('account_cadence_panel') }} as panel
cross join {{ source('night', 'night') }} as night
where {{ add_days('panel.cutoff', 'night.horizon_days') }} > night.as_of
