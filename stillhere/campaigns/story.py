"""An account's habit in words: its usual rhythm and where it stands against it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from babel.dates import format_date
from babel.numbers import format_currency, format_decimal, get_currency_precision

from stillhere.settings import ActivityWords


def habit_words(row: Mapping[str, Any], activity: ActivityWords) -> str:
    """ "used Loopwise every 6 days, last on 3 March 2026, silent for 31 days"; from a wide account row."""
    if row.get("last_active_date") is None:
        return f"no {activity.noun} seen yet"
    parts = []
    gap = row.get("usual_gap_days")
    parts.append(f"{activity.verb} {every(gap)}" if gap else "no rhythm of its own yet")
    parts.append(f"last on {long_day(row['last_active_date'])}")
    silent = row.get("days_silent")
    if silent:
        parts.append(f"silent for {days(silent)}")
    return ", ".join(parts)


def every(gap_days: float) -> str:
    """ "every day", "every 6 days"."""
    gap = round(gap_days) if gap_days >= 3 else round(gap_days, 1)
    return "every day" if gap <= 1 else f"every {format_decimal(gap, locale='en')} days"


def days(count: float) -> str:
    """ "1 day", "31 days"."""
    return "1 day" if round(count) == 1 else f"{round(count)} days"


def long_day(day: date) -> str:
    """ "3 March 2026"."""
    return format_date(day, "d MMMM yyyy", locale="en")


def amount(minor: int | None, currency: str) -> float | None:
    """Minor units as an amount of the currency: 1250 EUR cents are 12.5."""
    if minor is None:
        return None
    return float(Decimal(minor).scaleb(-get_currency_precision(currency)))


def money(value: float | None, currency: str) -> str:
    """An amount with its currency, or "unknown"."""
    return "unknown" if value is None else format_currency(value, currency, locale="en")
