select {{ cadence_columns() | join(', ') }}
from {{ ref('int_cadence') }}
where as_of = (select night.as_of from {{ source('night', 'night') }} as night)
