"""What is a good address, amount or time, whatever type the vendor wrote it in."""

from __future__ import annotations

from datetime import UTC, date, datetime

import duckdb
import pytest

from expectations.predicates import (
    RawColumn,
    company_day,
    instant,
    is_amount,
    is_email,
    is_missing_or,
    is_one_of,
    is_present,
    is_time,
)

AS_OF = date(2026, 8, 26)
NAIVE = datetime(2026, 8, 26, 1, 30, tzinfo=UTC).replace(tzinfo=None)  # as vendors write local times


def holds_for(predicate: str, value: object, kind: str = "VARCHAR") -> bool:
    """Whether a predicate is true for a value in a column `v`; null is no."""
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'America/New_York'")  # a predicate must not care
        connection.execute(f"create table t (v {kind})")
        connection.execute("insert into t values (?)", [value])
        row = connection.execute(f"select {predicate} from t").fetchone()
        return row is not None and row[0] is True


def value_of(expression: str, value: object, kind: str) -> object:
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'America/New_York'")
        connection.execute(f"create table t (v {kind})")
        connection.execute("insert into t values (?)", [value])
        row = connection.execute(f"select {expression} from t").fetchone()
        return row[0] if row else None


TEXT = RawColumn("v", "VARCHAR")


@pytest.mark.parametrize("value", ["a@b.io", "o'brien+x@mail.example.co.uk", " A@B.DE ", "jürgen@müller.de"])
def test_an_address(value: str) -> None:
    assert holds_for(is_email(TEXT), value)


@pytest.mark.parametrize(
    "value",
    ["", "a@b", "a b@c.de", "a@@b.de", "@b.de", "a@b.d", "a@b.de\nBcc: c@d.de", "a@b.de,c@d.de", "<a@b.de>", None],
)
def test_no_address(value: str | None) -> None:
    assert not holds_for(is_email(TEXT), value)


@pytest.mark.parametrize(
    "value",
    [
        *("0", "-12", "12.50", "1,234.50", "1 234 567", "12.", "€12.50", "12.50 EUR", "-£3"),
        *(
            "(12.50)",
            "(€12.50)",
            "kr. 12.50",
            "Fr.1,250.00",
            "12.50 kr.",
            "12.50-",
            "12.50- EUR",
            "1’234.50",
            "1\u202f234.50",
        ),
    ],
)
def test_an_amount_with_a_decimal_point(value: str) -> None:
    assert holds_for(is_amount(TEXT), value)


@pytest.mark.parametrize(
    "value", ["", "abc", "12,50", "1.2.3", "twelve", "1,23", "--2", "-12.50-", "(12.50", "1-2", None]
)
def test_no_amount_with_a_decimal_point(value: str | None) -> None:
    assert not holds_for(is_amount(TEXT), value)


@pytest.mark.parametrize("value", ["12,50", "1.234,50", "-0,5", "1 234,5 €"])
def test_an_amount_with_a_decimal_comma(value: str) -> None:
    assert holds_for(is_amount(TEXT, ","), value)


def test_no_amount_with_a_decimal_comma() -> None:
    assert not holds_for(is_amount(TEXT, ","), "12.5")


def test_a_number_is_an_amount_unless_it_is_none() -> None:
    number = RawColumn("v", "DOUBLE")
    assert holds_for(is_amount(number), 12.5, "DOUBLE")
    assert not holds_for(is_amount(number), float("nan"), "DOUBLE")
    assert not holds_for(is_amount(number), float("inf"), "DOUBLE")


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("VARCHAR", "2026-08-26"),
        ("VARCHAR", "2026-08-26T23:59:59Z"),
        ("VARCHAR", "2026-08-26 23:59:59.123+02:00"),
        ("BIGINT", 1_787_788_000),
        ("BIGINT", 1_787_788_000_000),
        ("BIGINT", 1_787_788_000_000_000),
        ("DATE", date(2026, 8, 26)),
        ("TIMESTAMP", NAIVE),
        ("TIMESTAMP WITH TIME ZONE", datetime(2026, 8, 28, 23, 59, tzinfo=UTC)),
        ("TIMESTAMP_NS", NAIVE),
        ("DOUBLE", 1_787_788_000.5),
    ],
)
def test_a_time(kind: str, value: object) -> None:
    assert holds_for(is_time(RawColumn("v", kind), AS_OF, "Europe/Berlin"), value, kind)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("VARCHAR", "26.08.2026"),
        ("VARCHAR", "2026-13-01"),
        ("VARCHAR", ""),
        ("VARCHAR", None),
        ("VARCHAR", "1899-12-30"),
        ("VARCHAR", "2026-08-29T00:00:00Z"),
        ("BIGINT", 7),
        ("BIGINT", -1),
        ("DATE", date(1989, 12, 31)),
        ("TIMESTAMP WITH TIME ZONE", datetime(2026, 8, 29, tzinfo=UTC)),
    ],
)
def test_no_time(kind: str, value: object) -> None:
    assert not holds_for(is_time(RawColumn("v", kind), AS_OF), value, kind)


def test_a_stated_format_is_the_only_one() -> None:
    german = is_time(TEXT, AS_OF, "Europe/Berlin", "%d.%m.%Y %H:%M")
    assert holds_for(german, "26.08.2026 17:05")
    assert not holds_for(german, "2026-08-26 17:05")


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("VARCHAR", "2026-08-26 01:30:00"),
        ("VARCHAR", "2026-08-25T23:30:00Z"),
        ("TIMESTAMP", NAIVE),
    ],
)
def test_an_instant_is_taken_in_the_sources_zone_unless_it_says_its_own(kind: str, value: object) -> None:
    found = value_of(instant(RawColumn("v", kind), "Europe/Berlin"), value, kind)
    assert found == datetime(2026, 8, 25, 23, 30, tzinfo=UTC)


def test_a_date_without_a_time_is_the_companys_day_in_any_zone() -> None:
    for column, value in ((RawColumn("v", "DATE"), date(2026, 8, 26)), (TEXT, "2026-08-26")):
        assert value_of(company_day(column, "America/New_York", "UTC"), value, column.type) == date(2026, 8, 26)
    late = company_day(TEXT, "America/New_York", "UTC")
    assert value_of(late, "2026-08-26T02:00:00Z", "VARCHAR") == date(2026, 8, 25)


def test_missing_is_fine_only_where_it_may_be() -> None:
    assert not holds_for(is_present(TEXT), " ")
    assert holds_for(is_missing_or(TEXT, is_email(TEXT)), " ")
    assert holds_for(is_missing_or(TEXT, is_email(TEXT)), None)
    assert not holds_for(is_missing_or(TEXT, is_email(TEXT)), "x")


def test_a_known_word() -> None:
    assert holds_for(is_one_of(TEXT, ("EUR", "USD")), " eur ")
    assert not holds_for(is_one_of(TEXT, ("EUR", "USD")), "GBP")
    assert not holds_for(is_one_of(TEXT, ()), "GBP")


@pytest.mark.parametrize(
    ("value", "kind"),
    [("25.08.2026", "VARCHAR"), ("2026-08-25", "VARCHAR"), ("2026-08-25T10:00:00Z", "VARCHAR")],
)
def test_several_formats_are_tried_one_after_another(value: str, kind: str) -> None:
    column, form = RawColumn("v", kind), "%d.%m.%Y | iso"
    assert holds_for(is_time(column, AS_OF, "Europe/Berlin", form), value, kind)
    assert value_of(company_day(column, "Europe/Berlin", "Europe/Berlin", form), value, kind) == date(2026, 8, 25)


@pytest.mark.parametrize(
    ("form", "value", "kind"),
    [
        ("epoch_milliseconds", 1_787_700_000_000, "BIGINT"),
        ("epoch_milliseconds", "1787700000000", "VARCHAR"),
        ("epoch_seconds", "1787700000", "VARCHAR"),
        ("excel_days", "46260", "VARCHAR"),
        ("excel_days", "46260,25", "VARCHAR"),
        ("excel_days", 46260.9, "DOUBLE"),
    ],
)
def test_numbers_are_times_as_the_format_says(form: str, value: object, kind: str) -> None:
    column = RawColumn("v", kind)
    day = date(2026, 8, 26)
    assert holds_for(is_time(column, AS_OF, "Europe/Berlin", form), value, kind)
    assert value_of(company_day(column, "Europe/Berlin", "Europe/Berlin", form), value, kind) == day


@pytest.mark.parametrize("form", ["epoch_milliseconds", "excel_days"])
def test_a_word_or_a_number_out_of_range_is_no_time(form: str) -> None:
    assert not holds_for(is_time(TEXT, AS_OF, "UTC", form), "soon")
    assert not holds_for(is_time(TEXT, AS_OF, "UTC", form), "9" * 17)
