"""Has a column gone, or gone empty, against what was accepted before? One row a column, checked as any other row."""

from __future__ import annotations

from collections.abc import Sequence

from expectations.engine import Engine, Measured, RowCheck
from expectations.predicates import identifier, literal
from expectations.report import Result
from expectations.requests import RawRequest, ResourceRules

# Always filled: 99 % of at least 100 accepted rows have it. Three rows without it are then no chance.
ALWAYS_FILLED_SHARE = 0.99
LEAST_ROWS_BEFORE = 100
LEAST_ROWS_NOW = 3

THERE = RowCheck("columns_there", "in_table and in_source")
FILLED = RowCheck(
    "columns_filled",
    f"not (rows_before >= {LEAST_ROWS_BEFORE} and filled_before >= {ALWAYS_FILLED_SHARE} * rows_before "
    f"and rows_now >= {LEAST_ROWS_NOW} and filled_now = 0)",
)


def column_results(engine: Engine, request: RawRequest, rules: ResourceRules, in_table: Sequence[str]) -> list[Result]:
    """Two results a resource that has columns to watch; the examples are names of columns."""
    if not in_table and not rules.required:
        return []
    watched = _watched(request, rules, in_table)
    if not watched:
        return []
    query = _columns_query(request, rules, watched, in_table)
    measured = engine.check_rows(query, "name", [THERE, FILLED])
    return [
        _result(rules, THERE.name, measured[THERE.name], "every column that was there before"),
        _result(rules, FILLED.name, measured[FILLED.name], "no column empty that was always filled"),
    ]


def _watched(request: RawRequest, rules: ResourceRules, in_table: Sequence[str]) -> list[str]:
    place = (rules.source, rules.resource)
    needed = {c for rule in request.row_rules if (rule.source, rule.resource) == place for c in rule.needs_columns}
    named = rules.columns if rules.columns is not None else [c for c in in_table if not c.startswith("_")]
    return sorted(needed | set(rules.key) | set(named))


def _columns_query(request: RawRequest, rules: ResourceRules, watched: Sequence[str], in_table: Sequence[str]) -> str:
    missing = _missing_in_source(request, rules)
    names = ", ".join(literal(name) for name in watched)
    there = ", ".join(str(name in in_table).lower() for name in watched)
    given = ", ".join(str(name not in missing).lower() for name in watched)
    if not in_table:
        return (
            f"select unnest([{names}]) as name, false as in_table, unnest([{given}]) as in_source, "
            "0 as rows_before, 0 as filled_before, 0 as rows_now, 0 as filled_now"
        )
    before, now = (_loads(request, rules, accepted=True), _loads(request, rules, accepted=False))
    filled = [identifier(name) if name in in_table else "null" for name in watched]
    before_counts = ", ".join(f"count({column}) filter (where {before})" for column in filled)
    now_counts = ", ".join(f"count({column}) filter (where {now})" for column in filled)
    table = f"{identifier(rules.source)}.{identifier(rules.resource)}"
    return (
        f"select unnest([{names}]) as name, unnest([{there}]) as in_table, unnest([{given}]) as in_source, "
        "rows_before, unnest(filled_before) as filled_before, rows_now, unnest(filled_now) as filled_now from ("
        f"select count(*) filter (where {before}) as rows_before, [{before_counts}] as filled_before, "
        f"count(*) filter (where {now}) as rows_now, [{now_counts}] as filled_now from {table}) as counts"
    )


def _missing_in_source(request: RawRequest, rules: ResourceRules) -> set[str]:
    place = (rules.source, rules.resource)
    return {name for a in request.arrivals if (a.source, a.resource) == place for name in a.missing_columns}


def _loads(request: RawRequest, rules: ResourceRules, *, accepted: bool) -> str:
    place = (rules.source, rules.resource)
    ids = [
        load.load_id for load in request.loads if load.accepted is accepted and (load.source, load.resource) == place
    ]
    return f"_dlt_load_id in ({', '.join(literal(i) for i in ids)})" if ids else "false"


def _result(rules: ResourceRules, rule: str, measured: Measured, expected: str) -> Result:
    gone = int(measured.observed or 0)
    named = f": {', '.join(measured.example_ids)}" if measured.example_ids else ""
    return Result(
        rule=rule,
        scope="table",
        outcome=measured.outcome,
        expected=expected,
        observed=measured.problem or f"{gone} missing{named}",
        source=rules.source,
        resource=rules.resource,
        unexpected_count=gone,
        example_ids=measured.example_ids,
        seconds=measured.seconds,
    )
