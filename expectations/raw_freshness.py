"""How old a source's newest row is, read from as few rows as tell."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from expectations.engine import Engine
from expectations.raw_loads import STAMP_MARGIN, counted, table_of
from expectations.requests import RawRequest, ResourceRules


def hours_old(engine: Engine, request: RawRequest, timed: Sequence[ResourceRules], hours: int) -> str:
    """The scalar for the age of the newest row that is not from the future, over all tables of a source.

    Only rows that may be as fresh as `hours` asks are read first. Where one is, the older rows are not the newest,
    whichever table they are in. Tables whose times must be understood first are read whole.
    """
    now = _now(request)
    looks = [_recent(request, rules, hours) for rules in timed if rules.instant_stamp_sql is not None]
    recent = engine.ask(f"select cast(max(newest) as varchar) from ({_all(looks)})")[0][0] if looks else None
    found = [] if recent is None else [f"select timestamptz '{recent}' as newest"]
    is_fresh = bool(found) and engine.is_true(f"select timestamptz '{recent}' >= {now} - to_hours({hours})")
    found += [_newest(request, rules) for rules in timed if rules.instant_stamp_sql is None or not is_fresh]
    return f"select date_diff('second', max(newest), {now}) / 3600.0 from ({_all(found)})"


def _recent(request: RawRequest, rules: ResourceRules, hours: int) -> str:
    since = request.now - timedelta(hours=hours) - STAMP_MARGIN
    return f"{_newest(request, rules)} and {rules.instant_stamp_sql} >= timestamp '{since:%Y-%m-%d %H:%M:%S}'"


def _newest(request: RawRequest, rules: ResourceRules) -> str:
    return (
        f"select max({rules.instant_sql}) as newest from {table_of(rules)} "
        f"where {counted(request, rules)} and {rules.instant_sql} <= {_now(request)}"
    )


def _now(request: RawRequest) -> str:
    return f"timestamptz '{request.now.isoformat()}'"


def _all(queries: Sequence[str]) -> str:
    return " union all ".join(queries)
