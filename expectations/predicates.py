"""SQL predicates on raw columns, true for a good value. DuckDB only: raw is always DuckDB.

Vendors write the same thing as text, number or time, so each predicate is made for the column's type in raw.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

OLDEST_DAY = date(1990, 1, 1)
FUTURE_DAYS = 2  # zones and clocks that run ahead; anything later is a wrong date
# Deliberately loose: one @, a dot in the domain, nothing that breaks a header. Deliverability is the provider's to say.
EMAIL_PATTERN = r"^[^@\s<>(),;:\"]+@[^@\s<>(),;:\"]+\.[^@\s<>(),;:\".]{2,}$"
WITH_OFFSET_PATTERN = r"([zZ]|[+-]\d{2}(:?\d{2})?)$"
DATE_ONLY_PATTERN = r"^\s*\d{4}-\d{1,2}-\d{1,2}\s*$"
# What an amount may look like: a sign, a currency before or after, thousands apart. Staging reads just these; it would
# take (12.50) and 12.50- for something else, so they are bad.
AMOUNT_PATTERN = (
    r"^([-+]\s*)?([^\d\s.,()+-]{1,3}\s*)?"
    r"(\d+|\d{1,3}([THOUSANDS '\x{00a0}]\d{3})+)?([DECIMAL]\d*)?"
    r"\s*([^\d\s.,()+-]{1,3})?$"
)
EPOCH_SECONDS = ("epoch", "epoch_seconds")


@dataclass(frozen=True, slots=True)
class RawColumn:
    """A column of a raw table and its DuckDB type, as the information schema writes it."""

    name: str
    type: str

    @property
    def sql(self) -> str:
        """The column, quoted."""
        return identifier(self.name)

    @property
    def kind(self) -> Literal["text", "number", "date", "instant", "local_time", "other"]:
        """What values of the type are: an instant knows its zone, a local time does not."""
        name = self.type.upper()
        if name.startswith("VARCHAR"):
            return "text"
        if name == "DATE":
            return "date"
        if name.startswith("TIMESTAMP"):
            return "instant" if "TIME ZONE" in name else "local_time"
        numbers = ("DECIMAL", "DOUBLE", "FLOAT", "REAL", "NUMERIC")
        return "number" if name.endswith(("INT", "INTEGER")) or name.startswith(numbers) else "other"


def identifier(name: str) -> str:
    """A quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: object) -> str:
    """A quoted SQL text literal."""
    return "'" + str(value).replace("'", "''") + "'"


def is_present(column: RawColumn) -> str:
    """Neither null nor blank text."""
    if column.kind == "text":
        return f"trim({column.sql}) <> ''"
    return f"{column.sql} is not null"


def is_missing_or(column: RawColumn, predicate: str) -> str:
    """A value that may be missing, but where it is there, must be good."""
    return f"not coalesce({is_present(column)}, false) or ({predicate})"


def instant(column: RawColumn, zone: str = "UTC", strptime: str | None = None) -> str:
    """A row's time as TIMESTAMP WITH TIME ZONE, null where it cannot be understood.

    Times without a zone are taken in `zone`. Numbers are epochs in s, ms, µs or ns, told apart by their size; seconds
    where `strptime` is "epoch".
    """
    if column.kind == "instant":
        return column.sql
    if column.kind in ("date", "local_time"):
        return f"timezone({literal(zone)}, cast({column.sql} as timestamp))"
    if strptime in EPOCH_SECONDS:
        seconds = f"try_cast({column.sql} as bigint)"
        return f"case when abs({seconds}) < {10**11} then timezone('UTC', make_timestamp({seconds} * 1000000)) end"
    if column.kind == "number":
        return f"timezone('UTC', {_epoch(column.sql)})"
    text = f"trim(cast({column.sql} as varchar))"
    if strptime is not None:
        parsed = f"try_strptime({text}, {literal(strptime)})"
        return f"timezone({literal('UTC' if '%z' in strptime else zone)}, cast({parsed} as timestamp))"
    parsed = f"try_cast({text} as timestamp)"
    return (
        f"case when regexp_matches({text}, {literal(WITH_OFFSET_PATTERN)}) and not {_is_date_only(text)} "
        f"then timezone('UTC', {parsed}) else timezone({literal(zone)}, {parsed}) end"
    )


def company_day(column: RawColumn, company_zone: str, zone: str = "UTC", strptime: str | None = None) -> str:
    """The company's calendar day of a row. A date without a time is that day already, in whatever zone."""
    if column.kind == "date":
        return column.sql
    day = f"cast(timezone({literal(company_zone)}, {instant(column, zone, strptime)}) as date)"
    if column.kind != "text" or strptime in EPOCH_SECONDS:
        return day
    text = f"trim({column.sql})"
    if strptime is not None:
        return (
            day if "%H" in strptime or "%I" in strptime else f"cast(try_strptime({text}, {literal(strptime)}) as date)"
        )
    return f"case when {_is_date_only(text)} then try_cast({text} as date) else {day} end"


def is_time(column: RawColumn, as_of: date, zone: str = "UTC", strptime: str | None = None) -> str:
    """Can be understood as a time, between 1990 and two days after the night."""
    latest = as_of + timedelta(days=FUTURE_DAYS + 1)
    when = instant(column, zone, strptime)
    return f"{when} >= timestamptz '{OLDEST_DAY} 00:00:00+00' and {when} < timestamptz '{latest} 00:00:00+00'"


def is_known_time(column: RawColumn, zone: str = "UTC", strptime: str | None = None) -> str:
    """Can be understood as a time from 1990 on, however far ahead: contracts end years from now."""
    return f"{instant(column, zone, strptime)} >= timestamptz '{OLDEST_DAY} 00:00:00+00'"


def is_amount(column: RawColumn, decimal: Literal[".", ","] = ".") -> str:
    """A number, or text that reads as one with the given decimal sign."""
    if column.kind == "number":
        return f"isfinite(cast({column.sql} as double))"
    text = f"trim(cast({column.sql} as varchar))"
    pattern = AMOUNT_PATTERN.replace("DECIMAL", decimal).replace("THOUSANDS", "," if decimal == "." else ".")
    return f"regexp_matches({text}, '\\d') and regexp_matches({text}, {literal(pattern)})"


def is_email(column: RawColumn) -> str:
    """Has the shape of an e-mail address."""
    return f"regexp_matches(trim(cast({column.sql} as varchar)), {literal(EMAIL_PATTERN)})"


def is_one_of(column: RawColumn, values: tuple[str, ...]) -> str:
    """One of the known words, whatever their case."""
    known = ", ".join(literal(value.lower()) for value in values) or "null"
    return f"lower(trim(cast({column.sql} as varchar))) in ({known})"


def _is_date_only(text: str) -> str:
    return f"regexp_matches({text}, {literal(DATE_ONLY_PATTERN)})"


def _epoch(number: str) -> str:
    whole = f"try_cast({number} as bigint)"
    return (
        f"case when {whole} >= {10**17} then make_timestamp({whole} // 1000) "
        f"when {whole} >= {10**14} then make_timestamp({whole}) "
        f"when {whole} >= {10**11} then make_timestamp({whole} * 1000) "
        f"when {whole} >= {10**8} then make_timestamp({whole} * 1000000) end"
    )
