"""Hand-over 1: which of tonight's loads may staging read?

Row rules count bad rows a load (they go to quarantine); table rules look at a resource as a whole and leave its loads
unaccepted. The analysis then goes on with what was accepted before.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence

from expectations.engine import Engine, Measured, RowCheck, good
from expectations.predicates import identifier, literal
from expectations.raw_tables import FIRST_LOAD_RULES, table_results
from expectations.report import GateReport, LoadDecision, LoadState, Result
from expectations.requests import Load, RawRequest, RowRule
from expectations.unreadable import unreadable_report


def check_raw(request: RawRequest) -> GateReport:
    """Counts bad rows and judges each new load."""
    started = time.monotonic()
    try:
        with Engine(request.database) as engine:
            columns = _columns(engine)
            results, rows, bad_rows = _row_results(engine, request, columns)
            results += table_results(engine, request, columns, rows, bad_rows)
    except Exception as error:  # a file that cannot be opened is a finding too
        return unreadable_report("raw", request.as_of, "raw.duckdb", error)
    loads = tuple(_decide(load, results, request, rows[load], bad_rows[load]) for load in _new_loads(request))
    return GateReport("raw", request.as_of, tuple(results), loads, seconds=time.monotonic() - started)


def _new_loads(request: RawRequest) -> list[Load]:
    return [load for load in request.loads if not load.accepted]


def _columns(engine: Engine) -> dict[tuple[str, str], tuple[str, ...]]:
    rows = engine.ask(
        "select table_schema, table_name, list(column_name order by ordinal_position) "
        "from information_schema.columns group by all"
    )
    return {(schema, table): tuple(names) for schema, table, names in rows}


def _row_results(
    engine: Engine, request: RawRequest, columns: Mapping[tuple[str, str], tuple[str, ...]]
) -> tuple[list[Result], dict[Load, int], dict[Load, int]]:
    results: list[Result] = []
    rows: dict[Load, int] = {}
    bad_rows: dict[Load, int] = {}
    for load in _new_loads(request):
        place = (load.source, load.resource)
        rules = [rule for rule in request.row_rules if (rule.source, rule.resource) == place]
        possible = [rule for rule in rules if set(rule.needs_columns) <= set(columns.get(place, ()))]
        query = (
            f"select * from {identifier(load.source)}.{identifier(load.resource)} "
            f"where _dlt_load_id = {literal(load.load_id)}"
        )
        checks = [RowCheck(rule.rule, rule.predicate_sql) for rule in possible]
        measured = engine.check_rows(query, "_dlt_id", checks)
        results.append(_has_rows(load, measured["has_rows"]))
        results += [_row_result(rule, load, measured[rule.rule]) for rule in possible]
        rows[load] = int(measured["has_rows"].observed or 0)
        bad_rows[load] = _bad_rows(engine, query, [rule for rule in possible if measured[rule.rule].observed], measured)
    return results, rows, bad_rows


def _bad_rows(engine: Engine, query: str, broken: Sequence[RowRule], measured: Mapping[str, Measured]) -> int:
    """Distinct bad rows: a row may break several rules."""
    if len(broken) <= 1:
        return int(sum(measured[rule.rule].observed or 0 for rule in broken))
    all_good = " and ".join(good(rule.predicate_sql) for rule in broken)
    return int(engine.ask(f"select count(*) from ({query}) where not ({all_good})")[0][0])


def _row_result(rule: RowRule, load: Load, measured: Measured) -> Result:
    bad = int(measured.observed or 0)
    return Result(
        rule=rule.rule,
        scope="row",
        outcome=measured.outcome,
        expected=f"no row where {rule.reason}",
        observed=measured.problem or f"{bad:,} such rows",
        severity="warn",  # bad rows are kept out one by one; too many of them fail the table
        source=load.source,
        resource=load.resource,
        load_id=load.load_id,
        unexpected_count=bad,
        example_ids=measured.example_ids,
        seconds=measured.seconds,
    )


def _has_rows(load: Load, measured: Measured) -> Result:
    return Result(
        rule="load_has_rows",
        scope="table",
        outcome=measured.outcome,
        expected="at least 1 row",
        observed=measured.problem or f"{int(measured.observed or 0):,} rows",
        source=load.source,
        resource=load.resource,
        load_id=load.load_id,
        seconds=measured.seconds,
    )


def _decide(load: Load, results: Iterable[Result], request: RawRequest, rows: int, bad: int) -> LoadDecision:
    has_earlier = any(
        other.accepted and (other.source, other.resource) == (load.source, load.resource) for other in request.loads
    )
    because = tuple(
        result.rule
        for result in results
        if result.holds
        and result.source == load.source
        and result.resource in ("", load.resource)
        and result.load_id in (None, load.load_id)
        # Without anything accepted before, a late or small first load is still the best there is to look at.
        and (has_earlier or result.rule not in FIRST_LOAD_RULES)
    )
    state: LoadState = "not_accepted" if because else "accepted_with_quarantine" if bad else "accepted"
    return LoadDecision(load.source, load.resource, load.load_id, state, rows, bad, because)
