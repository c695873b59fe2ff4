"""Closed months: closed once, read back as they were, and known only to later nights; on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, update

from stillhere.operations.closings import (
    AMOUNTS,
    CLOSED_MONTHS,
    ClosedMonth,
    closed_movements,
    last_day,
    months_to_close,
    store_closes,
)
from stillhere.operations.open import OperationsError, writing
from stillhere.operations.snapshot import read_snapshot
from stillhere.operations.tables import month_closes

NOW = datetime(2026, 3, 3, 4, tzinfo=UTC)
NIGHT = date(2026, 3, 2)
JANUARY, FEBRUARY = date(2026, 1, 1), date(2026, 2, 1)


def movements(month: date, closing_minor: int) -> ClosedMonth:
    row = {"account_id": "a", "month": month, "currency": "EUR", "plan": None, **dict.fromkeys(AMOUNTS, 0)}
    return ClosedMonth(month, pa.Table.from_pylist([{**row, "closing_mrr_minor": closing_minor}], schema=CLOSED_MONTHS))


def close(engine: Engine, as_of: date, *months: ClosedMonth) -> None:
    with writing(engine) as connection:
        store_closes(connection, months, as_of, 1, NOW)


def closing_amounts(engine: Engine, as_of: date) -> list[tuple[date, int]]:
    table = closed_movements(engine, read_snapshot(engine, as_of)["month_closes"])
    return list(zip(table["month"].to_pylist(), table["closing_mrr_minor"].to_pylist(), strict=True))


def test_a_month_is_closed_when_its_days_are_over_and_no_month_before_the_last_closed_one() -> None:
    months = [date(2025, 12, 1), JANUARY, FEBRUARY, date(2026, 3, 1)]
    assert months_to_close(months, [], NIGHT, close_days=30) == [date(2025, 12, 1), JANUARY]
    assert months_to_close(months, [], date(2026, 3, 1), close_days=30) == [date(2025, 12, 1)]
    assert months_to_close(months, [JANUARY], NIGHT, close_days=0) == [FEBRUARY]


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_the_last_day_is_of_the_month_and_the_day_after_is_not(day: date) -> None:
    end = last_day(day.replace(day=1))
    assert (end.year, end.month) == (day.year, day.month)
    assert date.fromordinal(end.toordinal() + 1).day == 1


def test_a_closed_month_comes_back_as_it_was_for_later_nights_only(engine: Engine) -> None:
    close(engine, NIGHT, movements(JANUARY, 100))
    assert closing_amounts(engine, NIGHT) == []
    assert closing_amounts(engine, date(2026, 2, 15)) == []
    assert closing_amounts(engine, date(2026, 3, 3)) == [(JANUARY, 100)]


def test_closing_again_changes_nothing(engine: Engine) -> None:
    close(engine, NIGHT, movements(JANUARY, 100))
    close(engine, date(2026, 4, 2), movements(JANUARY, 90), movements(FEBRUARY, 80))
    assert closing_amounts(engine, date(2026, 5, 1)) == [(JANUARY, 100), (FEBRUARY, 80)]


def test_a_month_without_revenue_is_closed_empty(engine: Engine) -> None:
    close(engine, NIGHT, ClosedMonth(JANUARY, CLOSED_MONTHS.empty_table()))
    assert closing_amounts(engine, date(2026, 3, 3)) == []
    assert [row["month"] for row in read_snapshot(engine, date(2026, 3, 3))["month_closes"]] == [JANUARY]


def test_a_closed_month_that_was_changed_is_refused_with_what_to_do(engine: Engine) -> None:
    close(engine, NIGHT, movements(JANUARY, 100))
    closes = read_snapshot(engine, date(2026, 3, 3))["month_closes"]
    with writing(engine) as connection:
        connection.execute(update(month_closes).values(movements=b"something else"))
    with pytest.raises(OperationsError, match="month_closes, 2026-01: not as it was closed; restore"):
        closed_movements(engine, closes)
