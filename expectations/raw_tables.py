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
# From 200 rows on, six tenths: a source that lost every other row must not pass as "about half". On 790 days of the
# demo the lowest such day outside holidays had 0.71 of the usual.
LEAST_SHARE_OF_MANY = 0.6
MANY_ROWS = 200
USUAL_DAYS = 7
USUAL_WEEKS = 4
LEAST_WEEKDAYS = 3
YEAR_OF_WEEKS = 364  # the same weekday
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
        usual, found = usual_rows_a_day(counts, request.as_of), counts.get(request.as_of, 0)
        least = least_rows(usual)
        when = f"rows on {request.as_of:%A}, {request.as_of}"
    elif rules.snapshot and arrival is not None and arrival.rows_seen is not None:
        usual, found, when = _rows_of_last_snapshot(engine, request, rules), arrival.rows_seen, "rows"
        least = usual * LEAST_SHARE_OF_USUAL if usual >= LEAST_USUAL_ROWS else 1
    else:
        return []
    if usual < LEAST_USUAL_FOR_NOTHING:
        return []
    # A first load has no yesterday; its last day may simply be unfinished.
    severity: Severity = "hold" if loads_of(request, rules, accepted=True) else "warn"
    result = Result(
        "usual_volume", "table", "ok", f"at least {least:,.0f} rows, usual are {usual:,.0f}", "", severity,
        source=rules.source, resource=rules.resource,
        words=f"{rules.source} source {how_empty(found, usual)}: {rules.resource} has {found:,} {when}, "
        f"usual are {usual:,.0f}",
    )  # fmt: skip
    figure = Figure(f"volume|{rules.source}|{rules.resource}", str(found), minimum=least)
    return [PlacedFigure(figure, result, "rows")]


def least_rows(usual: float) -> float:
    """The fewest rows that pass as a day's where `usual` are usual: chance may take so much, half a source not."""
    if usual < LEAST_USUAL_ROWS:
        return 1
    return usual * (LEAST_SHARE_OF_MANY if usual >= MANY_ROWS else LEAST_SHARE_OF_USUAL)


def how_empty(found: float, usual: float) -> str:
    """In words, for a source that fell short: empty, nearly empty, half empty."""
    if found == 0:
        return "empty"
    return "nearly empty" if found < usual / 4 else "half empty"


def _rows_of_last_snapshot(engine: Engine, request: RawRequest, rules: ResourceRules) -> float:
    earlier = loads_of(request, rules, accepted=True)[-1:]
    where = _loads_sql(earlier)
    return float(engine.ask(f"select count(*) from {table_of(rules)} where {where}")[0][0])


def _rows_a_day(engine: Engine, request: RawRequest, rules: ResourceRules) -> dict[date, int]:
    """Rows by company day, of the last four weeks and of the same weeks a year ago."""
    weeks, year = timedelta(weeks=USUAL_WEEKS), timedelta(days=YEAR_OF_WEEKS)
    spans = " or ".join(
        f"day between date '{last - weeks}' and date '{last}'" for last in (request.as_of, request.as_of - year)
    )
    return dict(
        engine.ask(
            f"select day, count(*) from (select {rules.day_sql} as day from {table_of(rules)} "
            f"where {counted(request, rules)}) where {spans} group by 1"
        )
    )


def usual_rows_a_day(counts: Mapping[date, int], as_of: date) -> float:
    """Many rows: the median of the same weekday in the last 4 weeks, or less where last year's day fell short as well.

    Few rows: the smaller of that median and the median of the last 7 days. A quiet Sunday, or a shop that is shut on
    Saturdays, is usual, and so are the holidays of last year. Days before the first row don't count.
    """
    earlier = [day for day in counts if as_of - timedelta(weeks=USUAL_WEEKS) <= day < as_of]
    if not earlier:
        return 0.0
    known_days = (as_of - min(earlier)).days
    weekdays = _weekdays_before(counts, as_of, known_days)
    if len(weekdays) >= LEAST_WEEKDAYS and median(weekdays) >= MANY_ROWS:
        # The last 7 days would get used to a source that has been broken for half of them.
        return float(median(weekdays)) * min(1.0, _share_last_year(counts, as_of))
    last_days = [counts.get(as_of - timedelta(days=n), 0) for n in range(1, min(USUAL_DAYS, known_days) + 1)]
    return float(min(median(last_days), median(weekdays or last_days)))


def _weekdays_before(counts: Mapping[date, int], day: date, known_days: int) -> list[int]:
    return [counts.get(day - timedelta(days=n), 0) for n in range(7, min(known_days, 7 * USUAL_WEEKS) + 1, 7)]


def _share_last_year(counts: Mapping[date, int], as_of: date) -> float:
    """The same weekday a year ago as a share of the four before it; 1 where the record does not reach so far."""
    day = as_of - timedelta(days=YEAR_OF_WEEKS)
    known = [one for one in counts if one <= day]
    if not known or (day - min(known)).days < 7 * USUAL_WEEKS:
        return 1.0
    usual = median(_weekdays_before(counts, day, 7 * USUAL_WEEKS))
    return counts.get(day, 0) / usual if usual else 1.0


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
