"""Reads an event log of any origin: Parquet or CSV, ids of any type, times as people write them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl

from models.event_log import DAYS_SCHEMA, KINDS_SCHEMA, EventLog
from models.log_features import VALUE_UNIT
from stillhere.connectors.guess.dates import guess_date
from stillhere.connectors.raw import quoted
from stillhere.connectors.times import time_sql
from stillhere.settings import StillhereError

SHOWN = 3
LARGEST_VALUE = 1_000_000_000
"""In ten-thousandths, nine hundred thousand of them in a day still fit 64 bits."""
FORMATS = (".parquet", ".csv")


class EventLogError(StillhereError):
    """The file or its columns are not what the command line says: a usage error."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class LogColumns:
    """Which column is what; `value` and `kind` need not be there."""

    account: str
    at: str
    value: str | None = None
    kind: str | None = None


def read_event_log(path: Path, columns: LogColumns) -> EventLog:
    """The log by account and day. Days are calendar dates of the input; times with a zone are days in UTC.

    Raises EventLogError for a missing file or column, a time or value that can't be read, or a log without events.
    """
    connection = duckdb.connect(config={"autoinstall_known_extensions": "false"})
    connection.execute("set timezone = 'UTC'")
    kinds = _open(connection, path)
    _check_columns(path, columns, kinds)
    at = _moment(connection, path, columns.at, kinds[columns.at])
    value = _value(connection, path, columns.value) if columns.value else "0"
    kind = f"trim({quoted(columns.kind)}::varchar)" if columns.kind else "null"
    account = f"nullif(trim({quoted(columns.account)}::varchar), '')"
    connection.execute(
        f"create temp view events as select {account} as account, {at} as moment, {value} as value, {kind} as kind"
        f" from export where {account} is not null"
    )
    days = _days(connection)
    if days.is_empty():
        raise EventLogError(f"{path}: no event with an account; is --account {columns.account} the right column?")
    return EventLog(
        days=days,
        kinds=_kinds(connection) if columns.kind else None,
        has_value=columns.value is not None,
        has_time=bool(days["second_of_day"].sum()),
    )


def _open(connection: duckdb.DuckDBPyConnection, path: Path) -> dict[str, str]:
    """Makes the view `export`; gives its columns and their types. Text files are text, whatever their values look like.

    A type guessed from the values could change with rows that come later.
    """
    if path.suffix.lower() not in FORMATS:
        raise EventLogError(f"{path}: --events reads {' and '.join(FORMATS)} files")
    if not path.is_file():
        raise EventLogError(f"{path}: no such file")
    if not path.stat().st_size:
        raise EventLogError(f"{path}: the file is empty")
    reader = "read_csv(?, all_varchar = true, header = true)" if path.suffix.lower() == ".csv" else "read_parquet(?)"
    try:
        relation = connection.sql(f"select * from {reader}", params=[str(path)])
        relation.create_view("export")
        described = connection.execute("describe export").fetchall()
    except duckdb.Error as error:
        raise EventLogError(f"{path}: can't be read: {str(error).splitlines()[0]}") from None
    return {str(row[0]): str(row[1]) for row in described}


def _check_columns(path: Path, columns: LogColumns, kinds: dict[str, str]) -> None:
    wanted = {"--account": columns.account, "--at": columns.at, "--value": columns.value, "--kind": columns.kind}
    for option, name in wanted.items():
        if name is not None and name not in kinds:
            raise EventLogError(f"{path}: no column {name} ({option}); there are: {', '.join(kinds)}")


def _moment(connection: duckdb.DuckDBPyConnection, path: Path, column: str, kind: str) -> str:
    """SQL of an event's time, without a zone."""
    name = quoted(column)
    if kind == "DATE" or kind.startswith("TIMESTAMP"):
        _refuse_nulls(connection, path, column, name)
        return f"({name})::timestamp"  # with a zone: in the connection's, which is UTC
    text = f"trim({name}::varchar)"
    filled, distinct = _counts(connection, f"select count(nullif({text}, '')), count(distinct {text}) from export")
    guess = guess_date(connection, name, kind, filled, distinct)
    if guess is not None and guess.ambiguous:
        raise EventLogError(
            f"{path}: the days in {column} can be read as {guess.format} and as {guess.other}; write them as YYYY-MM-DD"
        )
    moment = time_sql(text, guess.written if guess else None)
    _refuse_nulls(connection, path, column, moment)
    return moment


def _refuse_nulls(connection: duckdb.DuckDBPyConnection, path: Path, column: str, moment: str) -> None:
    query = f"select {quoted(column)}::varchar from export where {moment} is null"
    shown = [repr(row[0] or "") for row in connection.execute(f"{query} limit {SHOWN}").fetchall()]
    if shown:
        (count,) = _counts(connection, f"select count(*) from ({query})")
        raise EventLogError(f"{path}: {count} values of {column} (--at) are no dates: {', '.join(shown)}")


def _value(connection: duckdb.DuckDBPyConnection, path: Path, column: str) -> str:
    """SQL of an event's value in ten-thousandths; an empty one is 0."""
    number = f"try_cast({quoted(column)} as double)"
    empty = f"nullif(trim({quoted(column)}::varchar), '')"
    (bad,) = _counts(connection, f"select count(*) from export where {number} is null and {empty} is not null")
    if bad:
        raise EventLogError(f"{path}: {bad} values of {column} (--value) are no numbers; write 1234.5")
    (vast,) = _counts(
        connection, f"select count(*) from export where isfinite({number}) and abs({number}) > {LARGEST_VALUE}"
    )
    if vast:
        raise EventLogError(
            f"{path}: {vast} values of {column} (--value) are above {LARGEST_VALUE:,}; is it an amount?"
        )
    return f"case when isfinite({number}) then round({number} * {VALUE_UNIT}) else 0 end"


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
