"""Which rows of a raw table hand-over 1 looks at: those of its accepted and new loads."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from expectations.predicates import identifier, literal
from expectations.requests import Arrival, Load, RawRequest, ResourceRules

# A zone is at most 14 hours ahead and a day ends up to 24 after it began: what a raw time may differ from its day.
STAMP_MARGIN = timedelta(days=2)


def arrival_of(request: RawRequest, rules: ResourceRules) -> Arrival | None:
    """What extraction says of this resource tonight."""
    return next((a for a in request.arrivals if (a.source, a.resource) == (rules.source, rules.resource)), None)


def table_of(rules: ResourceRules) -> str:
    """The raw table, quoted."""
    return f"{identifier(rules.source)}.{identifier(rules.resource)}"


def loads_of(request: RawRequest, rules: ResourceRules, *, accepted: bool | None = None) -> list[Load]:
    """The loads of a resource, oldest first (dlt's load ids are times): all, those accepted before, or the new ones."""
    place = (rules.source, rules.resource)
    loads = [load for load in request.loads if (load.source, load.resource) == place]
    wanted = [load for load in loads if accepted is None or load.accepted is accepted]
    return sorted(wanted, key=lambda load: load.load_id)


def counted(request: RawRequest, rules: ResourceRules) -> str:
    """Rows of accepted and of new loads; of a snapshot, the newest only."""
    loads = loads_of(request, rules)
    return loads_sql(loads[-1:] if rules.snapshot else loads)


def loads_sql(loads: Sequence[Load]) -> str:
    """The condition for rows of some loads."""
    return f"_dlt_load_id in {ids_sql([load.load_id for load in loads])}" if loads else "false"


def ids_sql(ids: Sequence[str]) -> str:
    """Load ids as a list for `in`."""
    return "(" + ", ".join(literal(i) for i in ids) + ")"
