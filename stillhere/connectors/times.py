"""How `format` in a mapping is read: strptime formats, ISO 8601, epochs or a spreadsheet's days, one after another."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

BETWEEN = " | "  # formats of one column that has seen several
ISO = "iso"
EPOCHS = {"epoch": 1_000_000, "epoch_seconds": 1_000_000, "epoch_milliseconds": 1_000}  # microseconds a tick
EXCEL = "excel_days"
EXCEL_ZERO = date(1899, 12, 30)  # what spreadsheets count days from, since they believe in 29 February 1900


def readings(form: str | None) -> list[str]:
    """The single formats of `format`, in the order they are tried; no format means ISO 8601."""
    return [part.strip() for part in form.split(BETWEEN)] if form else [ISO]


def has_time_of_day(form: str | None) -> bool:
    """Whether a format names an hour; ISO text, epochs and a spreadsheet's days may."""
    return any(part in (ISO, EXCEL) or part in EPOCHS or "%H" in part or "%I" in part for part in readings(form))


def time_sql(text: str, form: str | None) -> str:
    """SQL (DuckDB, its zone set to UTC) that reads a text as a timestamp, null when it is none.

    Offsets are turned to UTC.
    """
    tried = []
    for part in readings(form):
        if part == ISO:
            tried.append(f"try_cast({text} as timestamptz)::timestamp")
        elif part in EPOCHS:
            tried.append(f"make_timestamp(try_cast({text} as bigint) * {EPOCHS[part]})")
        elif part == EXCEL:
            seconds = f"cast(round(try_cast(replace({text}, ',', '.') as double) * 86400) as bigint)"
            tried.append(f"(timestamp '{EXCEL_ZERO}' + to_seconds({seconds}))")
        else:
            tried.append(f"try_strptime({text}, '{part.replace(chr(39), chr(39) * 2)}')")
    return tried[0] if len(tried) == 1 else f"coalesce({', '.join(tried)})"


def parse_time(text: str, form: str | None) -> date | None:
    """A text as a datetime, or as a date where it names no hour; None when it is neither."""
    for part in readings(form):
        try:
            return _parse(text, part)
        except (ValueError, OverflowError):
            continue
    return None


def _parse(text: str, part: str) -> date:
    if part == ISO:
        return date.fromisoformat(text) if len(text) == len("2026-01-31") else datetime.fromisoformat(text)
    if part in EPOCHS:
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(float(text)) * EPOCHS[part])
    if part == EXCEL:
        days = float(text.replace(",", "."))
        whole = EXCEL_ZERO + timedelta(days=int(days))
        if days == int(days):
            return whole
        seconds = round((days - int(days)) * 86_400)
        return datetime(whole.year, whole.month, whole.day) + timedelta(seconds=seconds)  # noqa: DTZ001 - the caller knows the zone
    moment = datetime.strptime(text, part)  # noqa: DTZ007 - the caller knows the zone
    return moment if "%H" in part or "%I" in part else moment.date()
