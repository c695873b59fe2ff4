-- Numbers in order of the names: the least number of some plans is the first one by name.
select plan, cast(row_number() over (order by plan) as integer) as plan_number
from (select distinct plan from {{ ref('int_subscriptions') }} where plan is not null) as plans
