"""Date formats, decided by the data: a day above 12 settles DD/MM against MM/DD, otherwise a person is asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stillhere.connectors.times import BETWEEN, EXCEL

if TYPE_CHECKING:
    import duckdb

# Text that the engine reads without being told has no format; these are tried otherwise. Day before month goes first
# where both read everything, but then it is a question.
DAY_PARTS = (
    "%d.%m.%Y",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d-%m-%Y",
    "%m-%d-%Y",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%Y%m%d",
    "%d.%m.%y",
    "%d/%m/%y",
    "%m/%d/%y",
    "%d-%b-%Y",
    "%d %b %Y",
    "%d %B %Y",
    "%b %d, %Y",
    "%B %d, %Y",
    "%d-%b-%y",
)
TIME_PARTS = (
    *("", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", ", %H:%M", ", %H:%M:%S"),
    *(" %I:%M %p", " %I:%M:%S %p", "T%H:%M:%S", " %H.%M", " - %H:%M"),
)
ISO = r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?\s*(Z|UTC|[+-]\d{2}(:?\d{2})?)?)?$"
OFFSET = r":.*(Z|UTC|[+-]\d{2}(:?\d{2})?)$"
ENOUGH = 0.98  # of the filled values; the rest are typing errors that the row rules will find
FIRST_LOOK = 200
PLAUSIBLE = ("1970-01-02", "2100-01-01")
EPOCH_SECONDS = (315_532_800, 4_102_444_800)  # 1980 to 2100
EXCEL_DAYS = (29_221, 73_050)  # the same years as spreadsheets count days


@dataclass(frozen=True, slots=True)
class DateGuess:
    """How a column's times are written."""

    format: str | None
    """strptime format; None for ISO 8601 and for real time columns."""
    share: float
    """Filled values it reads."""
    other: str | None = None
    """A format that reads the rest, or, where `ambiguous`, the same values in another order."""
    ambiguous: bool = False
    has_time: bool = True
    has_offset: bool = False
    epoch: str | None = None
    """`epoch_seconds`, `epoch_milliseconds` or `excel_days` when the times are numbers."""

    @property
    def written(self) -> str | None:
        """`format` as `sources.yml` writes it; None where nothing need be said."""
        if self.epoch:
            return self.epoch
        forms = [self.format, None if self.ambiguous else self.other]
        return BETWEEN.join(form for form in forms if form) or None


def guess_date(
    connection: duckdb.DuckDBPyConnection, column: str, kind: str, filled: int, distinct: int, enough: float = ENOUGH
) -> DateGuess | None:
    """How a column of `export` writes times; None when fewer than `enough` of its filled values are any."""
    if kind.startswith("TIMESTAMP"):
        return DateGuess(None, 1.0, has_offset=kind.endswith("ZONE"))
    if kind == "DATE":
        return DateGuess(None, 1.0, has_time=False)
    if not filled or kind not in ("VARCHAR", "BIGINT", "DOUBLE"):
        return None
    if kind == "VARCHAR":
        found = _in_text(connection, column, filled, enough)
        if found is not None:
            return found
    return _epoch(connection, column, filled, distinct, enough)


def _in_text(connection: duckdb.DuckDBPyConnection, column: str, filled: int, enough: float) -> DateGuess | None:
    value = f"trim({column})"
    iso, timed, offset = connection.execute(
        f"select count(*) filter (regexp_matches({value}, ?)), count(*) filter ({value} like '%:%'), "
        f"count(*) filter (regexp_matches({value}, ?)) from export",
        [ISO, OFFSET],
    ).fetchall()[0]
    if iso / filled >= enough:
        return DateGuess(None, iso / filled, has_time=timed > 0, has_offset=offset > 0)
    counted = {form: _read(connection, value, form) for form in _promising(connection, value)}
    best = sorted(counted.items(), key=lambda item: -item[1])
    if not best:
        return None
    form, read = best[0]
    if read / filled >= enough:
        rival = next((other for other, count in best[1:] if count == read and _swapped(form) == other), None)
        return DateGuess(form, read / filled, rival, rival is not None, "%H" in form or "%I" in form)
    return _mixed(connection, value, form, read, iso, [other for other, _ in best[1:]], filled, enough)


def _mixed(
    connection: duckdb.DuckDBPyConnection,
    value: str,
    form: str,
    read: int,
    iso: int,
    others: list[str],
    filled: int,
    enough: float,
) -> DateGuess | None:
    """Two formats in one column, as after somebody changed the export: both together must read it."""
    if iso and (read + iso) / filled >= enough:
        return DateGuess(form, (read + iso) / filled, "iso", has_time="%H" in form or "%I" in form)
    for other in others:
        both = f"coalesce(try_strptime({value}, ?), try_strptime({value}, ?))"
        together = connection.execute(f"select count({both}) from export", [form, other]).fetchall()[0][0]
        if together / filled >= enough:
            return DateGuess(form, together / filled, other, has_time="%H" in form or "%I" in form)
    return None


def _promising(connection: duckdb.DuckDBPyConnection, value: str) -> list[str]:
    """The formats that read at least one of the first values: few are then counted over the whole column."""
    formats = [day + time for day in DAY_PARTS for time in TIME_PARTS]
    tried = ", ".join(f"count(try_strptime(value, '{form}'))" for form in formats)
    few = f"(select {value} as value from export where {value} <> '' limit {FIRST_LOOK})"
    counts = connection.execute(f"select {tried} from {few}").fetchall()[0]
    return [form for form, count in zip(formats, counts, strict=True) if count]


def _read(connection: duckdb.DuckDBPyConnection, value: str, form: str) -> int:
    low, high = PLAUSIBLE
    parsed = f"try_strptime({value}, ?)"
    query = f"select count(*) from export where {parsed} between '{low}' and '{high}'"
    return int(connection.execute(query, [form]).fetchall()[0][0])


def _swapped(form: str) -> str:
    return form.replace("%d", "%#").replace("%m", "%d").replace("%#", "%m")


def _epoch(
    connection: duckdb.DuckDBPyConnection, column: str, filled: int, distinct: int, enough: float
) -> DateGuess | None:
    """Numbers that are all seconds or milliseconds since 1970 or a spreadsheet's days, and differ.

    A heading decides whether they are meant.
    """
    if distinct < 2:
        return None
    low, high = EPOCH_SECONDS
    number = f"try_cast({column} as bigint)"
    seconds, millis = connection.execute(
        f"select count(*) filter ({number} between {low} and {high}), "
        f"count(*) filter ({number} between {low * 1000} and {high * 1000}) from export"
    ).fetchall()[0]
    for unit, count in (("epoch_seconds", seconds), ("epoch_milliseconds", millis)):
        if count / filled >= enough:
            return DateGuess(None, count / filled, epoch=unit)
    days = f"try_cast(replace({column}::varchar, ',', '.') as double)"
    (first, last) = EXCEL_DAYS
    count, parts = connection.execute(
        f"select count(*) filter ({days} between {first} and {last}), "
        f"count(*) filter ({days} <> floor({days})) from export"
    ).fetchall()[0]
    return DateGuess(None, count / filled, epoch=EXCEL, has_time=parts > 0) if count / filled >= enough else None
