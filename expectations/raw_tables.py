"""Table rules of hand-over 1: nothing arrived, far less than usual, a column gone, too many bad rows, stale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from statistics import median

from expectations.columns import column_results
from expectations.engine import Engine, Figure, good
from expectations.figures import PlacedFigure
from expectations.predicates import identifier, literal
from expectations.report import Result, Severity
from expectations.requests import Arrival, Load, RawRequest, ResourceRules

# Below half of the usual volume. Under 20 rows a day, half is chance: Poisson 20 is below 10 once in 200 days.
LEAST_SHARE_OF_USUAL = 0.5
LEAST_USUAL_ROWS = 20
USUAL_DAYS = 7
USUAL_WEEKS = 4
# Nothing at all where 5 are usual is no chance either: Poisson 5 is 0 once in 150 days.
LEAST_USUAL_FOR_NOTHING = 5
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
) -> tuple[list[Result], dict[Load, int]]:
    """The results of all table rules, and the distinct bad rows of each new load."""
    placed: list[PlacedFigure] = []
    results: list[Result] = []
    for rules in request.resources:
        is_there = (rules.source, rules.resource) in columns
        results += column_results(engine, request, rules, columns.get((rules.source, rules.resource), ()))
        placed += _arrived(request, rules, is_there)
        placed += _volume(engine, request, rules, is_there)
    placed += _freshness(request, columns)
    bad = {load: _bad_rows(engine, request, load, count, columns) for load, count in rows.items()}
    placed += bad.values()
    measured = engine.check_figures([one.figure for one in placed])
    results += [one.measured(measured[one.figure.name]) for one in placed]
    counts = {load: int(measured[one.figure.name].observed or 0) for load, one in bad.items()}
    return [_waived(result, request) for result in results], counts


def _waived(result: Result, request: RawRequest) -> Result:
    loads = [load for load in request.loads if (load.source, load.resource) == (result.source, result.resource)]
    new = [load for load in loads if not load.accepted]
    is_waived = bool(new) and all(load.waived for load in new)
    return replace(result, severity="warn") if is_waived else result


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


def _volume(engine: Engine, request: RawRequest, rules: ResourceRules, is_there: bool) -> list[PlacedFigure]:
    arrival = arrival_of(request, rules)
    if not is_there or (arrival is not None and arrival.state in ("late", "failed")):
        return []
    if rules.daily and rules.day_sql:
        usual = _usual_rows_a_day(engine, request, rules)
        scalar = (
            f"select count(*) from {table_of(rules)} "
            f"where {counted(request, rules)} and {rules.day_sql} = date '{request.as_of}'"
        )
        expected = f"at least half of the usual {usual:,.0f} rows a day"
    elif rules.snapshot and arrival is not None and arrival.rows_seen is not None:
        usual = _rows_of_last_snapshot(engine, request, rules)
        scalar = str(arrival.rows_seen)
        expected = f"at least half of the {usual:,.0f} rows of the last time"
    else:
        return []
    if usual < LEAST_USUAL_FOR_NOTHING:
        return []
    least = usual * LEAST_SHARE_OF_USUAL if usual >= LEAST_USUAL_ROWS else 1
    # A first load has no yesterday; its last day may simply be unfinished.
    severity: Severity = "hold" if loads_of(request, rules, accepted=True) else "warn"
    result = Result("usual_volume", "table", "ok", expected, "", severity, source=rules.source, resource=rules.resource)
    return [PlacedFigure(Figure(f"volume|{rules.source}|{rules.resource}", scalar, minimum=least), result, "rows")]


def _rows_of_last_snapshot(engine: Engine, request: RawRequest, rules: ResourceRules) -> float:
    earlier = loads_of(request, rules, accepted=True)[-1:]
    where = _loads_sql(earlier)
    return float(engine.ask(f"select count(*) from {table_of(rules)} where {where}")[0][0])


def _usual_rows_a_day(engine: Engine, request: RawRequest, rules: ResourceRules) -> float:
    """The smaller of: median of the last 7 days, median of the same weekday in the last 4 weeks.

    A quiet Sunday, or a shop that is shut on Saturdays, is usual.
    """
    first = request.as_of - timedelta(days=7 * USUAL_WEEKS)
    counts = dict(
        engine.ask(
            f"select {rules.day_sql} as day, count(*) from {table_of(rules)} where {counted(request, rules)} "
            f"and {rules.day_sql} >= date '{first}' and {rules.day_sql} < date '{request.as_of}' group by 1"
        )
    )
    if not counts:
        return 0.0
    known_days = (request.as_of - min(counts)).days
    last_days = [counts.get(request.as_of - timedelta(days=n), 0) for n in range(1, min(USUAL_DAYS, known_days) + 1)]
    weekdays = [counts.get(request.as_of - timedelta(days=n), 0) for n in range(7, known_days + 1, 7)]
    return float(min(median(last_days), median(weekdays or last_days)))


def _freshness(request: RawRequest, columns: Mapping[tuple[str, str], tuple[str, ...]]) -> list[PlacedFigure]:
    placed = []
    now = f"timestamptz '{request.now.isoformat()}'"
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
        newest = " union all ".join(
            f"select max({rules.instant_sql}) as newest from {table_of(rules)} "
            f"where {counted(request, rules)} and {rules.instant_sql} <= {now}"
            for rules in timed
        )
        scalar = f"select date_diff('second', max(newest), {now}) / 3600.0 from ({newest})"
        result = Result("fresh", "source", "ok", f"newest row at most {hours} hours old", "", source=source)
        placed.append(PlacedFigure(Figure(f"fresh|{source}", scalar, maximum=hours), result, "hours old"))
    return placed


def _bad_rows(
    engine: Engine,
    request: RawRequest,
    load: Load,
    rows: int,
    columns: Mapping[tuple[str, str], tuple[str, ...]],
) -> PlacedFigure:
    place = (load.source, load.resource)
    rules = [
        rule
        for rule in request.row_rules
        if (rule.source, rule.resource) == place and set(rule.needs_columns) <= set(columns.get(place, ()))
    ]
    all_good = " and ".join(good(rule.predicate_sql) for rule in rules) or "true"
    table = f"{identifier(load.source)}.{identifier(load.resource)}"
    scalar = f"select count(*) from {table} where _dlt_load_id = {literal(load.load_id)} and not ({all_good})"
    share = _bad_share_allowed(engine, request, load, columns)
    # A handful is fine, but never all of them.
    allowed = min(max(HANDFUL_OF_BAD_ROWS, int(rows * share)), max(rows - 1, 0))
    result = Result(
        "mostly_good_rows", "table", "ok", f"at most {allowed:,} bad rows of {rows:,}", "",
        source=load.source, resource=load.resource, load_id=load.load_id,
    )  # fmt: skip
    figure = Figure(f"bad|{load.source}|{load.resource}|{load.load_id}", scalar, maximum=allowed)
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
    ids = _in(earlier)
    bad, rows = engine.ask(
        f"select (select count(distinct row_id) from quarantine.rows where source = {literal(load.source)} "
        f"and resource = {literal(load.resource)} and load_id in {ids}), "
        f"(select count(*) from {identifier(load.source)}.{identifier(load.resource)} where _dlt_load_id in {ids})"
    )[0]
    usual = bad / rows if rows else 0.0
    return min(max(LATER_LOAD_BAD_SHARE, TIMES_USUAL_BAD_SHARE * usual), FIRST_LOAD_BAD_SHARE)


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
    return _loads_sql(loads[-1:] if rules.snapshot else loads)


def _loads_sql(loads: Sequence[Load]) -> str:
    return f"_dlt_load_id in {_in([load.load_id for load in loads])}" if loads else "false"


def _in(ids: Sequence[str]) -> str:
    return "(" + ", ".join(literal(i) for i in ids) + ")"
