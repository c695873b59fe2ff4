"""Table rule of hand-over 1: far less than usual arrived, against the same weekdays and last year's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from statistics import median

from expectations.engine import Engine, Figure
from expectations.figures import PlacedFigure
from expectations.raw_loads import STAMP_MARGIN, arrival_of, counted, loads_of, loads_sql, table_of
from expectations.report import Result, Severity
from expectations.requests import RawRequest, ResourceRules

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


def volume(engine: Engine, request: RawRequest, rules: ResourceRules, is_there: bool) -> list[PlacedFigure]:
    """Whether a table got about as many rows as it usually does: a day's, or a snapshot's."""
    arrival = arrival_of(request, rules)
    if not is_there or (arrival is not None and arrival.state in ("late", "failed")):
        return []
    if rules.daily and rules.day_sql:
        taken = _days_taken(request, rules)
        counts = at_the_level_taken(_rows_a_day(engine, request, rules, taken), taken)
        usual, found = usual_rows_a_day(counts, request.as_of), int(counts.get(request.as_of, 0))
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
    where = loads_sql(earlier)
    return float(engine.ask(f"select count(*) from {table_of(rules)} where {where}")[0][0])


def _days_taken(request: RawRequest, rules: ResourceRules) -> list[date]:
    """Days of the last four weeks whose rows a person took as they are, though they were refused."""
    since = request.as_of - timedelta(weeks=USUAL_WEEKS)
    taken = (load.taken_on for load in loads_of(request, rules, accepted=True))
    return sorted({day for day in taken if day is not None and since < day <= request.as_of})


def at_the_level_taken(counts: Mapping[date, int], taken: Sequence[date]) -> dict[date, float]:
    """Counts by day as they would be had they always been at the level that a person took as right.

    A day that fell short of its usual and was taken all the same says that the company has changed. Days before it
    count by the share that was left: the next night is held against what was accepted, and another fall is seen.
    """
    level: dict[date, float] = dict(counts)
    for day in sorted(taken):
        usual, found = usual_rows_a_day(level, day), level.get(day, 0)
        if found < least_rows(usual):
            level = {one: rows * found / usual if one < day else rows for one, rows in level.items()}
    return level


def _rows_a_day(engine: Engine, request: RawRequest, rules: ResourceRules, taken: Sequence[date]) -> dict[date, int]:
    """Rows by company day, of four weeks before tonight and before any day taken, and of the same weeks a year ago."""
    weeks, year = timedelta(weeks=USUAL_WEEKS), timedelta(days=YEAR_OF_WEEKS)
    first = min([request.as_of, *taken]) - weeks
    spans = [(first - back, request.as_of - back) for back in (timedelta(), year)]
    wanted = " or ".join(f"day between date '{first}' and date '{last}'" for first, last in spans)
    found = engine.ask(
        f"select day, sum(row_count) from ({_rows_by_day(request, rules, spans)}) where {wanted} group by 1"
    )
    return {day: int(count) for day, count in found}


def _rows_by_day(request: RawRequest, rules: ResourceRules, spans: Sequence[tuple[date, date]]) -> str:
    """Rows with their `day`, at least all of the spans; `row_count` is how many a row stands for.

    Where the raw column can be compared as it stands they are counted by the minute first: clocks change on the
    minute, and asking the calendar for the day of every row cost more than all else in this hand-over.
    """
    table = f"{table_of(rules)} where {counted(request, rules)}"
    stamp = rules.day_stamp_sql
    if stamp is None:
        return f"select {rules.day_sql} as day, 1 as row_count from {table}"
    near = " or ".join(
        f"{stamp} between timestamp '{first - STAMP_MARGIN}' and timestamp '{last + STAMP_MARGIN}'"
        for first, last in spans
    )
    minute = f"time_bucket(interval '1 minute', {stamp})"
    minutes = f"select {minute} as {stamp}, count(*) as row_count from {table} and ({near}) group by {minute}"
    return f"select {rules.day_sql} as day, row_count from ({minutes})"


def usual_rows_a_day(counts: Mapping[date, float], as_of: date) -> float:
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


def _weekdays_before(counts: Mapping[date, float], day: date, known_days: int) -> list[float]:
    return [counts.get(day - timedelta(days=n), 0) for n in range(7, min(known_days, 7 * USUAL_WEEKS) + 1, 7)]


def _share_last_year(counts: Mapping[date, float], as_of: date) -> float:
    """The same weekday a year ago as a share of the four before it; 1 where the record does not reach so far."""
    day = as_of - timedelta(days=YEAR_OF_WEEKS)
    known = [one for one in counts if one <= day]
    if not known or (day - min(known)).days < 7 * USUAL_WEEKS:
        return 1.0
    usual = median(_weekdays_before(counts, day, 7 * USUAL_WEEKS))
    return counts.get(day, 0) / usual if usual else 1.0
