"""Has a column gone, or gone empty, against what was accepted before? One row a column, checked as any other row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from expectations.engine import Engine, Measured, RowCheck
from expectations.predicates import identifier, literal
from expectations.report import Result
from expectations.requests import RawRequest, ResourceRules

# Always filled: 99 % of at least 100 accepted rows have it. Three rows without it are then no chance.
ALWAYS_FILLED_SHARE = 0.99
LEAST_ROWS_BEFORE = 100
LEAST_ROWS_NOW = 3

THERE = "in_table and in_source"
FILLED = (
    f"not (rows_before >= {LEAST_ROWS_BEFORE} and filled_before >= {ALWAYS_FILLED_SHARE} * rows_before "
    f"and rows_now >= {LEAST_ROWS_NOW} and filled_now = 0)"
)
RULES = {
    "columns_there": (THERE, "every column that was there before"),
    "columns_filled": (FILLED, "no column empty that was always filled"),
}


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """How often a column was filled in accepted loads (left at 0 for one that is filled now), and is in new ones."""

    rows_before: int = 0
    filled_before: int = 0
    rows_now: int = 0
    filled_now: int = 0


def column_results(
    engine: Engine, request: RawRequest, columns: Mapping[tuple[str, str], tuple[str, ...]]
) -> list[Result]:
    """Two results a resource that has columns to watch; the examples are names of columns."""
    rows: list[str] = []
    placed: list[tuple[ResourceRules, str, RowCheck]] = []
    for number, rules in enumerate(request.resources):
        in_table = columns.get((rules.source, rules.resource), ())
        watched = _watched(request, rules, in_table) if in_table or rules.required else []
        if watched:
            rows += _values(
                number, watched, in_table, _missing(request, rules), _facts(engine, request, rules, in_table)
            )
            for rule, (predicate, _) in RULES.items():
                placed.append((rules, rule, RowCheck(f"{rule}|{number}", f"place <> {number} or ({predicate})")))
    if not rows:
        return []
    named = "place, name, in_table, in_source, rows_before, filled_before, rows_now, filled_now"
    query = f"select * from (values {', '.join(rows)}) as watched ({named})"
    measured = engine.check_rows(query, "name", [check for _, _, check in placed])
    return [_result(rules, rule, measured[check.name]) for rules, rule, check in placed]


def _values(
    place: int, watched: Sequence[str], in_table: Sequence[str], missing: set[str], facts: Mapping[str, ColumnFacts]
) -> list[str]:
    rows = []
    for name in watched:
        fact = facts.get(name, ColumnFacts())
        truths = f"{str(name in in_table).lower()}, {str(name not in missing).lower()}"
        counts = f"{fact.rows_before}, {fact.filled_before}, {fact.rows_now}, {fact.filled_now}"
        rows.append(f"({place}, {literal(name)}, {truths}, {counts})")
    return rows


def _watched(request: RawRequest, rules: ResourceRules, in_table: Sequence[str]) -> list[str]:
    place = (rules.source, rules.resource)
    needed = {c for rule in request.row_rules if (rule.source, rule.resource) == place for c in rule.needs_columns}
    named = rules.columns if rules.columns is not None else [c for c in in_table if not c.startswith("_")]
    return sorted(needed | set(rules.key) | set(named))


def _missing(request: RawRequest, rules: ResourceRules) -> set[str]:
    place = (rules.source, rules.resource)
    return {name for a in request.arrivals if (a.source, a.resource) == place for name in a.missing_columns}


def _facts(
    engine: Engine, request: RawRequest, rules: ResourceRules, in_table: Sequence[str]
) -> dict[str, ColumnFacts]:
    names = [name for name in _watched(request, rules, in_table) if name in in_table]
    before, now = _loads(request, rules, accepted=True), _loads(request, rules, accepted=False)
    if not names or "false" in (before, now):
        return {}  # nothing to compare with, or nothing new
    table = f"{identifier(rules.source)}.{identifier(rules.resource)}"
    rows_now, filled_now = _filled(engine, table, now, names)
    empty = [name for name in names if not filled_now[name]] if rows_now >= LEAST_ROWS_NOW else []
    # What was there before says something only of a column that is empty now, and is most of the table.
    rows_before, filled_before = _filled(engine, table, before, empty) if empty else (0, {})
    return {name: ColumnFacts(rows_before, filled_before.get(name, 0), rows_now, filled_now[name]) for name in names}


def _filled(engine: Engine, table: str, where: str, names: Sequence[str]) -> tuple[int, dict[str, int]]:
    """Rows, and in how many of them each column is filled."""
    counts = ", ".join(("count(*)", *(f"count({identifier(name)})" for name in names)))
    rows, *filled = engine.ask(f"select {counts} from {table} where {where}")[0]
    return rows, dict(zip(names, filled, strict=True))


def _loads(request: RawRequest, rules: ResourceRules, *, accepted: bool) -> str:
    place = (rules.source, rules.resource)
    ids = [
        load.load_id for load in request.loads if load.accepted is accepted and (load.source, load.resource) == place
    ]
    return f"_dlt_load_id in ({', '.join(literal(i) for i in ids)})" if ids else "false"


def _result(rules: ResourceRules, rule: str, measured: Measured) -> Result:
    gone = int(measured.observed or 0)
    named = f": {', '.join(measured.example_ids)}" if measured.example_ids else ""
    return Result(
        rule=rule,
        scope="table",
        outcome=measured.outcome,
        expected=RULES[rule][1],
        observed=measured.problem or f"{gone} missing{named}",
        source=rules.source,
        resource=rules.resource,
        unexpected_count=gone,
        example_ids=measured.example_ids,
        seconds=measured.seconds,
    )
