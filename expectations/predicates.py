"""SQL predicates on raw columns, true for a good value. DuckDB only: raw is always DuckDB.

Vendors write the same thing as text, number or time, so each predicate is made for the column's type in raw.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

OLDEST_DAY = date(1990, 1, 1)
FUTURE_DAYS = 2  # zones and clocks that run ahead; anything later is a wrong date
# Deliberately loose: one @, a dot in the domain, nothing that breaks a header. Deliverability is the provider's to say.
EMAIL_PATTERN = r"^[^@\s<>(),;:\"]+@[^@\s<>(),;:\"]+\.[^@\s<>(),;:\".]{2,}$"
WITH_OFFSET_PATTERN = r"([zZ]|[+-]\d{2}(:?\d{2})?)$"
DATE_ONLY_PATTERN = r"^\s*\d{4}-\d{1,2}-\d{1,2}\s*$"
# What an amount may look like: a currency before or after, thousands apart, and a sign before it, after it (12.50-) or
# brackets for it. Staging reads just these.
_AMOUNT = (
    r"(([A-Za-z]{1,3}\.|[^\d\s.,()+-]{1,3})\s*)?"
    r"(\d+|\d{1,3}([THOUSANDS '\x{2019}\x{00a0}\x{202f}]\d{3})+)?([DECIMAL]\d*)?"
    r"TRAILING\s*([A-Za-z]{1,3}\.|[^\d\s.,()+-]{1,3})?"
)
_PLAIN, _SIGNED_BEHIND = _AMOUNT.replace("TRAILING", ""), _AMOUNT.replace("TRAILING", r"\s*-")
AMOUNT_PATTERN = rf"^([-+]\s*)?{_PLAIN}$|^{_SIGNED_BEHIND}$|^\({_PLAIN}\)$"
# How `format` names numbers that are times: microseconds a tick since 1970, or a spreadsheet's days since 1899.
EPOCHS = {"epoch": 1_000_000, "epoch_seconds": 1_000_000, "epoch_milliseconds": 1_000}
EXCEL = "excel_days"
BETWEEN = " | "  # formats of one column that has seen several


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

    Times without a zone are taken in `zone`. Numbers are epochs in s, ms, µs or ns, told apart by their size, unless
    `strptime` says otherwise: it may hold several formats, tried one after another (`docs/your-own-data.md`).
    """
    if column.kind == "instant":
        return column.sql
    if column.kind in ("date", "local_time"):
        return f"timezone({literal(zone)}, cast({column.sql} as timestamp))"
    if column.kind == "number" and strptime is None:
        return f"timezone('UTC', {_epoch(column.sql)})"
    text = f"trim(cast({column.sql} as varchar))"
    return _first_of(_instant_of(text, form, zone) for form in _formats(strptime))


def _instant_of(text: str, form: str, zone: str) -> str:
    """Text in one format as an instant."""
    if form in EPOCHS:
        ticks, microseconds = f"try_cast({text} as bigint)", EPOCHS[form]
        moment = f"timezone('UTC', make_timestamp({ticks} * {microseconds}))"
        return f"case when abs({ticks}) < {10**17 // microseconds} then {moment} end"
    if form == EXCEL:
        return f"timezone({literal(zone)}, {_excel_time(text)})"
    if form != "iso":
        parsed = f"try_strptime({text}, {literal(form)})"
        return f"timezone({literal('UTC' if '%z' in form else zone)}, cast({parsed} as timestamp))"
    parsed = f"try_cast({text} as timestamp)"
    return (
        f"case when regexp_matches({text}, {literal(WITH_OFFSET_PATTERN)}) and not {_is_date_only(text)} "
        f"then timezone('UTC', {parsed}) else timezone({literal(zone)}, {parsed}) end"
    )


def company_day(column: RawColumn, company_zone: str, zone: str = "UTC", strptime: str | None = None) -> str:
    """The company's calendar day of a row. A date without a time is that day already, in whatever zone."""
    if column.kind == "date":
        return column.sql
    if column.kind != "text" and strptime is None:
        return f"cast(timezone({literal(company_zone)}, {instant(column, zone, strptime)}) as date)"
    if column.kind in ("instant", "local_time"):
        return f"cast(timezone({literal(company_zone)}, {instant(column, zone)}) as date)"
    text = f"trim(cast({column.sql} as varchar))"
    return _first_of(_day_of(text, form, company_zone, zone) for form in _formats(strptime))


def _day_of(text: str, form: str, company_zone: str, zone: str) -> str:
    """The company's day of text in one format."""
    day = f"cast(timezone({literal(company_zone)}, {_instant_of(text, form, zone)}) as date)"
    if form in EPOCHS or "%H" in form or "%I" in form:
        return day
    if form == EXCEL:
        number = _excel_number(text)
        return f"case when {number} = floor({number}) then cast({_excel_time(text)} as date) else {day} end"
    if form != "iso":
        return f"cast(try_strptime({text}, {literal(form)}) as date)"
    return f"case when {_is_date_only(text)} then try_cast({text} as date) else {day} end"


def _formats(strptime: str | None) -> list[str]:
    return [form.strip() for form in strptime.split(BETWEEN)] if strptime else ["iso"]


def _first_of(expressions: Iterable[str]) -> str:
    listed = list(expressions)
    return listed[0] if len(listed) == 1 else f"coalesce({', '.join(listed)})"


def _excel_number(text: str) -> str:
    return f"try_cast(replace({text}, ',', '.') as double)"


def _excel_time(text: str) -> str:
    """Days since 30 December 1899, where spreadsheets begin; the part of a day to the second."""
    number = _excel_number(text)
    seconds = f"cast(round({number} * 86400) as bigint)"
    return f"case when {number} between 1 and 200000 then timestamp '1899-12-30 00:00:00' + to_seconds({seconds}) end"


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
