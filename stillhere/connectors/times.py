"""How `format` in a mapping is read: a strptime format, several after one another, ISO 8601, or an epoch."""

from __future__ import annotations

from datetime import date, datetime

BETWEEN = " | "  # formats of one column that has seen several
ISO = "iso"
EPOCHS = {"epoch_seconds": 1_000_000, "epoch_milliseconds": 1_000}  # microseconds a tick


def readings(form: str | None) -> list[str]:
    """The single formats of `format`, in the order they are tried; no format means ISO 8601."""
    return [part.strip() for part in form.split(BETWEEN)] if form else [ISO]


def has_time_of_day(form: str | None) -> bool:
    """Whether a format names an hour; ISO text and epochs may."""
    return any(part == ISO or part in EPOCHS or "%H" in part or "%I" in part for part in readings(form))


def time_sql(text: str, form: str | None) -> str:
    """SQL (DuckDB) that reads a text as a timestamp, null when it is none. Offsets are turned to UTC."""
    tried = []
    for part in readings(form):
        if part == ISO:
            tried.append(f"try_cast({text} as timestamp)")
        elif part in EPOCHS:
            tried.append(f"make_timestamp(try_cast({text} as bigint) * {EPOCHS[part]})")
        else:
            tried.append(f"try_strptime({text}, '{part.replace(chr(39), chr(39) * 2)}')")
    return tried[0] if len(tried) == 1 else f"coalesce({', '.join(tried)})"


def parse_time(text: str, form: str | None) -> date | None:
    """A text as a datetime, or as a date where it names no hour; None when it is neither."""
    for part in readings(form):
        try:
            if part == ISO:
                return date.fromisoformat(text) if len(text) == len("2026-01-31") else datetime.fromisoformat(text)
            if part not in EPOCHS:
                moment = datetime.strptime(text, part)  # noqa: DTZ007 - the caller knows the zone
                return moment if has_time_of_day(part) else moment.date()
        except ValueError:
            continue
    return None
