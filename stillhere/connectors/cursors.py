"""Cursors: where to start reading again, whatever a vendor's idea of time is."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

# Epochs are told apart by size: seconds since 1973, then milliseconds, microseconds, nanoseconds.
EPOCH_UNITS = ((10**17, 10**9), (10**14, 10**6), (10**11, 10**3), (10**8, 1))


def epoch_unit(value: int) -> int | None:
    """Ticks a second of an epoch of this size; None for a running number."""
    return next((ticks for smallest, ticks in EPOCH_UNITS if value >= smallest), None)


def cursor_instant(value: object) -> datetime | None:
    """The instant (UTC) a cursor value stands for; None where it is no time.

    Text must be ISO 8601; a time without zone is taken as UTC, which is near enough for freshness.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, datetime):
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    if isinstance(value, int | float):
        ticks = epoch_unit(int(value))
        return None if ticks is None else datetime.fromtimestamp(int(value) / ticks, UTC)
    if isinstance(value, str):
        try:
            return cursor_instant(datetime.fromisoformat(value.strip()))
        except ValueError:
            return None
    return None


def start_from(newest: object, overlap_days: int) -> object | None:
    """The smallest cursor value to read again, of the same type as `newest`. None: read everything.

    A running number has no days, so it starts at itself. ISO text starts at a day, which sorts before each of its
    times. Text in another format does not sort by time, so everything is read.
    """
    back = timedelta(days=overlap_days)
    if isinstance(newest, bool) or newest is None:
        return None
    if isinstance(newest, datetime | date):
        return newest - back
    if isinstance(newest, int | float):
        ticks = epoch_unit(int(newest))
        return newest if ticks is None else int(newest) - overlap_days * 86_400 * ticks
    instant = cursor_instant(newest)
    if instant is None:
        return None
    # One day more than asked: an offset in the text may move the instant across midnight.
    return (instant - back - timedelta(days=1)).date().isoformat()
