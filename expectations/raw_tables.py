"""Table rules of hand-over 1: nothing arrived, far less than usual, a column gone, too many bad rows, stale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from statistics import median

from expectations.columns import column_results
from expectations.engine import Engine, Figure
from expectations.figures import PlacedFigure, figure_results
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
    bad_rows: Mapping[Load, int],
) -> list[Result]:
    """The results of all table rules, given the rows and the distinct bad rows of each new load."""
    placed: list[PlacedFigure] = []
    for rules in request.resources:
        is_there = (rules.source, rules.resource) in columns
        placed += _arrived(request, rules, is_there)
        placed += _volume(engine, request, rules, is_there)
    placed += _freshness(request, columns)
    placed += [_bad_rows(engine, request, load, count, bad_rows[load], columns) for load, count in rows.items()]
    results = [*column_results(engine, request, columns), *figure_results(engine, placed)]
    return [_waived(result, request) for result in results]


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
        counts = _rows_a_day(engine, request, rules)
        usual = usual_rows_a_day(counts, request.as_of)
        scalar = str(counts.get(request.as_of, 0))
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


def _rows_a_day(engine: Engine, request: RawRequest, rules: ResourceRules) -> dict[date, int]:
    first = request.as_of - timedelta(days=7 * USUAL_WEEKS)
    return dict(
        engine.ask(
            f"select day, count(*) from (select {rules.day_sql} as day from {table_of(rules)} "
            f"where {counted(request, rules)}) where day between date '{first}' and date '{request.as_of}' group by 1"
        )
    )


def usual_rows_a_day(counts: Mapping[date, int], as_of: date) -> float:
    """The smaller of: median of the last 7 days, median of the same weekday in the last 4 weeks.

    A quiet Sunday, or a shop that is shut on Saturdays, is usual. Days before the first row don't count.
    """
    earlier = [day for day in counts if day < as_of]
    if not earlier:
        return 0.0
    known_days = (as_of - min(earlier)).days
    last_days = [counts.get(as_of - timedelta(days=n), 0) for n in range(1, min(USUAL_DAYS, known_days) + 1)]
    weekdays = [counts.get(as_of - timedelta(days=n), 0) for n in range(7, known_days + 1, 7)]
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
