"""Table rules of hand-over 1: nothing arrived, far less than usual, a column gone, too many bad rows, stale."""

from __future__ import annotations

from collections.abc import Mapping

from expectations.columns import column_results
from expectations.engine import Engine, Figure
from expectations.figures import PlacedFigure, figure_results
from expectations.predicates import identifier, literal
from expectations.raw_freshness import hours_old
from expectations.raw_loads import arrival_of, counted, ids_sql, table_of
from expectations.raw_volume import volume
from expectations.report import Result
from expectations.requests import Load, RawRequest, ResourceRules

# More bad rows than this leave the load unaccepted: half of a first load, later a tenth, or twice what is usual here
# (the retail example has a quarter of its invoices without a customer, every day). A handful never does.
FIRST_LOAD_BAD_SHARE = 0.5
LATER_LOAD_BAD_SHARE = 0.1
TIMES_USUAL_BAD_SHARE = 2.0
HANDFUL_OF_BAD_ROWS = 5
# Holds the send, but a first load is accepted all the same: there is nothing earlier to analyse.
FIRST_LOAD_RULES = ("fresh",)


def table_results(
    engine: Engine,
    request: RawRequest,
    columns: Mapping[tuple[str, str], tuple[str, ...]],
    rows: Mapping[Load, int],
    bad_rows: Mapping[Load, int],
) -> list[Result]:
    """The results of all table rules, given the rows and the distinct bad rows of each new load."""
    placed: list[PlacedFigure] = []
    for rules in request.resources:
        is_there = (rules.source, rules.resource) in columns
        placed += _arrived(request, rules, is_there)
        placed += volume(engine, request, rules, is_there)
    placed += _freshness(engine, request, columns)
    placed += [_bad_rows(engine, request, load, count, bad_rows[load], columns) for load, count in rows.items()]
    return [*column_results(engine, request, columns), *figure_results(engine, placed)]


def _arrived(request: RawRequest, rules: ResourceRules, is_there: bool) -> list[PlacedFigure]:
    if not rules.required:
        return []
    arrival = arrival_of(request, rules)
    if arrival is not None and arrival.state in ("ok", "partial") and arrival.rows_seen is not None:
        scalar = str(arrival.rows_seen)
    else:  # no file has changed, or the source is down: what came before serves, as long as it is fresh
        scalar = f"select count(*) from {table_of(rules)} where {counted(request, rules)}" if is_there else "0"
    result = Result(
        "something_arrived", "table", "ok", "at least 1 row", "", source=rules.source, resource=rules.resource
    )
    return [PlacedFigure(Figure(f"arrived|{rules.source}|{rules.resource}", scalar, minimum=1), result, "rows")]


def _freshness(
    engine: Engine, request: RawRequest, columns: Mapping[tuple[str, str], tuple[str, ...]]
) -> list[PlacedFigure]:
    placed = []
    for source in sorted({rules.source for rules in request.resources}):
        timed = [
            rules
            for rules in request.resources
            if rules.source == source
            and rules.instant_sql
            and rules.freshness_hours
            and (source, rules.resource) in columns
        ]
        if not timed:
            continue
        hours = max(rules.freshness_hours or 0 for rules in timed)
        result = Result("fresh", "source", "ok", f"newest row at most {hours} hours old", "", source=source)
        figure = Figure(f"fresh|{source}", hours_old(engine, request, timed, hours), maximum=hours)
        placed.append(PlacedFigure(figure, result, "hours old"))
    return placed


def _bad_rows(
    engine: Engine,
    request: RawRequest,
    load: Load,
    rows: int,
    bad_rows: int,
    columns: Mapping[tuple[str, str], tuple[str, ...]],
) -> PlacedFigure:
    share = _bad_share_allowed(engine, request, load, columns)
    # A handful is fine, but never all of them.
    allowed = min(max(HANDFUL_OF_BAD_ROWS, int(rows * share)), max(rows - 1, 0))
    result = Result(
        "mostly_good_rows", "table", "ok", f"at most {allowed:,} bad rows of {rows:,}", "",
        source=load.source, resource=load.resource, load_id=load.load_id,
    )  # fmt: skip
    figure = Figure(f"bad|{load.source}|{load.resource}|{load.load_id}", str(bad_rows), maximum=allowed)
    return PlacedFigure(figure, result, "bad rows")


def _bad_share_allowed(
    engine: Engine, request: RawRequest, load: Load, columns: Mapping[tuple[str, str], tuple[str, ...]]
) -> float:
    earlier = [
        other.load_id
        for other in request.loads
        if other.accepted and (other.source, other.resource) == (load.source, load.resource)
    ]
    if not earlier:
        return FIRST_LOAD_BAD_SHARE
    if ("quarantine", "rows") not in columns:
        return LATER_LOAD_BAD_SHARE
    ids = ids_sql(earlier)
    bad, rows = engine.ask(
        f"select (select count(distinct row_id) from quarantine.rows where source = {literal(load.source)} "
        f"and resource = {literal(load.resource)} and load_id in {ids}), "
        f"(select count(*) from {identifier(load.source)}.{identifier(load.resource)} where _dlt_load_id in {ids})"
    )[0]
    usual = bad / rows if rows else 0.0
    return min(max(LATER_LOAD_BAD_SHARE, TIMES_USUAL_BAD_SHARE * usual), FIRST_LOAD_BAD_SHARE)
