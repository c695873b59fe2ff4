"""Reads an event log of any origin: Parquet or text, ids of any type, times as people write them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from models.event_log import DAYS_SCHEMA, EPOCH, KINDS_SCHEMA, EventLog
from models.log_features import VALUE_UNIT
from stillhere.backtesting.left_out import LeftOut, left_out
from stillhere.backtesting.open_log import EventLogError, OpenLog, open_log, reading_error
from stillhere.connectors.guess.dates import guess_date
from stillhere.connectors.raw import quoted
from stillhere.connectors.times import time_sql

LARGEST_VALUE = 1_000_000_000
"""In ten-thousandths, nine hundred thousand of them in a day still fit 64 bits."""
MOST_UNREADABLE_SHARE = 0.05
"""Of the rows: more without a time that can be read is no slip of a hand, and a backtest on the rest would mislead."""
PLAUSIBLE = "timestamp '1900-01-01' and timestamp '2199-12-31'"
STRAY_GAP_DAYS = 365
STRAY_ONE_IN = 1000
"""Account-days after a year without any, and no more of them than this: dates typed wrong, not the end of the data."""


@dataclass(frozen=True, slots=True)
class LogColumns:
    """Which column is what; `value` and `kind` need not be there."""

    account: str
    at: str
    value: str | None = None
    kind: str | None = None


@dataclass(frozen=True)
class ReadLog:
    """A log as read from a file of so many rows, and what of the file is not in it."""

    log: EventLog
    rows: int
    left_out: tuple[LeftOut, ...]

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        told = [{"why": one.why, "rows": one.rows, "places": one.places} for one in self.left_out]
        return {"rows": self.rows, "rows_left_out": sum(one.rows for one in self.left_out), "left_out": told}


def read_event_log(path: Path, columns: LogColumns) -> ReadLog:
    """The log by account and day. Days are calendar dates of the input; times with a zone are days in UTC.

    A few rows without a time that can be read, rows without an account and stray rows of a far future are left out and
    counted. Raises EventLogError for a missing file or column, more than a few unreadable times, a value that can't be
    read, or a log without events.
    """
    connection = duckdb.connect(config={"autoinstall_known_extensions": "false"})
    connection.execute("set timezone = 'UTC'")
    opened = open_log(connection, path)
    _check_columns(path, columns, opened.kinds)
    try:
        return _read(connection, opened, columns)
    except duckdb.Error as error:
        raise reading_error(path, error) from None


def _read(connection: duckdb.DuckDBPyConnection, opened: OpenLog, columns: LogColumns) -> ReadLog:
    path = opened.path
    account = f"nullif(trim({quoted(columns.account)}::varchar), '')"
    moment = _moment(connection, path, columns.at, opened.kinds[columns.at])
    nobody = f"{account} is null and {moment} is not null"
    rows, untimed_rows, nameless_rows = _counts(
        connection,
        f"select count(*), count(*) filter ({moment} is null), count(*) filter ({nobody}) from export",
    )
    if not rows:
        raise EventLogError(f"{path}: names its columns and has no rows")
    untimed = _untimed(connection, opened, columns.at, moment, rows) if untimed_rows else None
    value = _value(connection, opened, columns.value) if columns.value else "0"
    kind = f"trim({quoted(columns.kind)}::varchar)" if columns.kind else "null"
    nameless = left_out(connection, opened, nobody, f"no account in {columns.account}") if nameless_rows else None
    connection.execute(
        f"create temp view events as select {account} as account, {moment} as moment, {value} as value, {kind} as kind"
        f" from export where {account} is not null and {moment} is not null"
    )
    days = _days(connection)
    if days.is_empty():
        raise EventLogError(f"{path}: no event with an account; is --account {columns.account} the right column?")
    last = _last_day_in_earnest(days["day"])
    after = f"{moment}::date > date '{_day(last)}' and {account} is not null"
    why = f"more than a year after the rest, which ends on {_day(last)}"
    stray = left_out(connection, opened, after, why) if days["day"].max() != last else None
    kinds = _kinds(connection).filter(pl.col("day") <= last) if columns.kind else None
    days = days.filter(pl.col("day") <= last)
    log = EventLog(days, kinds, has_value=columns.value is not None, has_time=bool(days["second_of_day"].sum()))
    return ReadLog(log, rows, tuple(one for one in (untimed, nameless, stray) if one))


def _last_day_in_earnest(days: pl.Series) -> int:
    """The last day of the data, but for a few rows that lie more than a year after all others."""
    at_most = max(len(days) // STRAY_ONE_IN, 1)
    tail = days.sort().tail(at_most + 1)
    gaps = tail.diff().to_list()
    far = [at for at in range(1, len(tail)) if gaps[at] > STRAY_GAP_DAYS]
    return int(tail[far[0] - 1]) if far else int(tail[-1])


def _day(number: int) -> date:
    return EPOCH + timedelta(days=number)


def _check_columns(path: Path, columns: LogColumns, kinds: dict[str, str]) -> None:
    wanted = {"--account": columns.account, "--at": columns.at, "--value": columns.value, "--kind": columns.kind}
    for option, name in wanted.items():
        if name is not None and name not in kinds:
            raise EventLogError(
                f"{path}: no column {name} ({option}); there are: {', '.join(kinds)} (the first line names them)"
            )


def _moment(connection: duckdb.DuckDBPyConnection, path: Path, column: str, kind: str) -> str:
    """SQL of an event's time, without a zone; null where there is none that can be read."""
    name = quoted(column)
    if kind == "DATE" or kind.startswith("TIMESTAMP"):
        moment = f"({name})::timestamp"  # with a zone: in the connection's, which is UTC
    else:
        text = f"trim({name}::varchar)"
        filled, distinct = _counts(connection, f"select count(nullif({text}, '')), count(distinct {text}) from export")
        enough = 1 - MOST_UNREADABLE_SHARE
        guess = guess_date(connection, f"({name}::varchar)", "VARCHAR", filled, distinct, enough)
        if guess is not None and guess.ambiguous:
            raise EventLogError(
                f"{path}: the days in {column} can be read as {guess.format} and as {guess.other}; "
                "write them as YYYY-MM-DD"
            )
        moment = time_sql(text, guess.written if guess else None)
    return f"(case when {moment} between {PLAUSIBLE} then {moment} end)"


def _untimed(
    connection: duckdb.DuckDBPyConnection, opened: OpenLog, column: str, moment: str, rows: int
) -> LeftOut | None:
    """Rows whose time can't be read. Raises EventLogError where they are more than a few."""
    found = left_out(connection, opened, f"{moment} is null", f"no time that can be read in {column}", column)
    if found is None or found.rows <= MOST_UNREADABLE_SHARE * rows:
        return found
    raise EventLogError(
        f"{opened.path}: {found.rows:,} of {rows:,} values of {column} (--at) are no dates: {found.places}; up to "
        f"{MOST_UNREADABLE_SHARE:.0%} are left out. Dates are read as 2026-01-31, 31.01.2026, 01/31/2026 and the like, "
        "with or without a time and a zone, and as seconds or milliseconds since 1970"
    )


def _value(connection: duckdb.DuckDBPyConnection, opened: OpenLog, column: str) -> str:
    """SQL of an event's value in ten-thousandths; an empty one is 0."""
    number = f"try_cast({quoted(column)} as double)"
    empty = f"nullif(trim({quoted(column)}::varchar), '')"
    no_number = f"{number} is null and {empty} is not null"
    too_large = f"isfinite({number}) and abs({number}) > {LARGEST_VALUE}"
    bad, vast = _counts(connection, f"select count(*) filter ({no_number}), count(*) filter ({too_large}) from export")
    if bad:
        raise EventLogError(_bad_values(connection, opened, column, no_number, "are no numbers", "write 1234.5"))
    if vast:
        above = f"are above {LARGEST_VALUE:,}"
        raise EventLogError(_bad_values(connection, opened, column, too_large, above, "is it an amount?"))
    return f"case when isfinite({number}) then round({number} * {VALUE_UNIT}) else 0 end"


def _bad_values(
    connection: duckdb.DuckDBPyConnection, opened: OpenLog, column: str, where: str, what: str, then: str
) -> str:
    found = left_out(connection, opened, where, what, column)
    told = f"{found.rows} values of {column} (--value) {what}: {found.places}" if found else f"{column}: {what}"
    return f"{opened.path}: {told}; {then}"


def _days(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    query = """
        select account, date_diff('day', date '1970-01-01', moment::date) as day, count(*) as events,
            sum(value::decimal(38, 0))::bigint as value,
            sum(date_part('hour', moment) * 3600 + date_part('minute', moment) * 60
                + floor(date_part('second', moment)))::bigint as second_of_day
        from events
        group by all
        order by account, day
    """
    return connection.execute(query).pl().cast(DAYS_SCHEMA)  # type: ignore[arg-type]  # a dict of types is one


def _kinds(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    query = """
        select account, date_diff('day', date '1970-01-01', moment::date) as day,
            coalesce(kind, '') as kind, count(*) as events
        from events
        group by all
        order by account, day, kind
    """
    return connection.execute(query).pl().cast(KINDS_SCHEMA)  # type: ignore[arg-type]  # a dict of types is one


def _counts(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[int, ...]:
    row: tuple[int, ...] = connection.execute(query).fetchall()[0]
    return row
