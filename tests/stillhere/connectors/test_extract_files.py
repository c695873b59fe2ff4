"""What a night takes from files: each once, changed ones for their difference, odd ones as they are."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from stillhere.connectors import extract_source, probe
from tests.stillhere.connectors.conftest import NIGHT

TOMORROW = NIGHT + timedelta(days=1)
EVENTS = {"events": {"cursor": "at"}}


def write_day(folder: Path, name: str, **columns: list[object]) -> Path:
    """A Parquet file of a day's use."""
    folder.mkdir(exist_ok=True)
    parquet.write_table(pa.table(columns), folder / f"{name}.parquet")
    return folder / f"{name}.parquet"


def test_files_that_were_read_are_not_read_again(tmp_path: Path, connect, raw) -> None:
    write_day(tmp_path / "use", "2026-06-28", account=["a", "a", "b"], at=["2026-06-28"] * 3)
    source = connect("usage", kind="parquet", path="use/*.parquet", resources=EVENTS)
    (first,) = extract_source(source, NIGHT)
    write_day(tmp_path / "use", "2026-06-29", account=["c"], at=["2026-06-29"])

    (second,) = extract_source(source, TOMORROW)
    (third,) = extract_source(source, TOMORROW)

    assert [(o.rows, o.rows_seen) for o in (first, second, third)] == [(3, 3), (1, 1), (0, 0)]
    assert (third.load_id, third.message, third.cursor_high) == (None, "no new or changed file", "2026-06-29")
    assert raw("select account, _file from usage.events order by all") == [
        ("a", "2026-06-28.parquet"),
        ("a", "2026-06-28.parquet"),
        ("b", "2026-06-28.parquet"),
        ("c", "2026-06-29.parquet"),
    ]


def test_a_file_that_grew_gives_only_its_new_rows(tmp_path: Path, connect, raw) -> None:
    orders = tmp_path / "orders.csv"
    orders.write_text("customer,day\nA,2026-06-01\nA,2026-06-01\nB,2026-06-02\n")
    source = connect("shop", kind="csv", path="orders.csv", resources={"orders": {}})
    extract_source(source, NIGHT)
    orders.write_text("customer,day\nA,2026-06-01\nA,2026-06-01\nA,2026-06-01\nB,2026-06-02\nC,2026-06-03\n")

    (grown,) = extract_source(source, TOMORROW)

    assert (grown.rows, grown.rows_seen) == (2, 5)
    assert raw("select customer, count(*) from shop.orders group by 1 order by 1") == [("A", 3), ("B", 1), ("C", 1)]


def test_a_file_that_was_only_touched_adds_nothing_and_is_left_alone_afterwards(tmp_path: Path, connect, raw) -> None:
    day = write_day(tmp_path / "use", "day", account=["a"], at=["2026-06-28"])
    source = connect("usage", kind="parquet", path="use/*.parquet", resources=EVENTS)
    extract_source(source, NIGHT)
    os.utime(day, ns=(1, 1))

    outcomes = [extract_source(source, TOMORROW)[0] for _ in range(2)]

    assert [(o.rows, o.rows_seen) for o in outcomes] == [(0, 1), (0, 0)]
    assert raw("select count(*) from usage.events") == [(1,)]


def test_keyed_rows_of_a_full_export_under_a_new_name_are_new_only_where_they_differ(
    tmp_path: Path, connect, raw
) -> None:
    (tmp_path / "customers-1.csv").write_text("id,name\n1,Amber\n2,Birch\n")
    source = connect("shop", kind="csv", path="customers-*.csv", resources={"customers": {"key": ["id"]}})
    extract_source(source, NIGHT)
    (tmp_path / "customers-2.csv").write_text("id,name\n1,Amber\n2,Birch & Sons\n3,Cedar\n")

    (customers,) = extract_source(source, TOMORROW)

    assert customers.rows == 2
    assert raw(f"select id, name from shop.customers where _dlt_load_id = '{customers.load_id}' order by id") == [
        ("2", "Birch & Sons"),
        ("3", "Cedar"),
    ]


def test_a_csv_from_a_german_office_keeps_every_sign(tmp_path: Path, connect, raw) -> None:
    text = (
        'Kunden-Nr.;Größe;Bemerkung;Betrag\r\n007;12,5;"zwei\r\nZeilen; und ""Zitat""";1.234,50\r\n008;;für €;-3,00\r\n'
    )
    (tmp_path / "export.csv").write_bytes(text.encode("cp1252"))
    shape = {"delimiter": ";", "encoding": "cp1252", "decimal": ","}
    source = connect("shop", kind="csv", path="export.csv", csv=shape, resources={"orders": {}})

    (orders,) = extract_source(source, NIGHT)

    assert (orders.state, orders.rows) == ("ok", 2)
    assert raw("select kunden_nr, groesse, bemerkung, betrag from shop.orders order by 1") == [
        ("007", "12,5", 'zwei\r\nZeilen; und "Zitat"', "1.234,50"),
        ("008", None, "für €", "-3,00"),
    ]


def test_a_byte_order_mark_is_no_part_of_the_first_heading(tmp_path: Path, connect, raw) -> None:
    (tmp_path / "a.csv").write_bytes("\ufeffid,name\n1,Zoë\n".encode())
    source = connect("shop", kind="csv", path="a.csv", resources={"a": {"key": ["id"]}})

    assert probe(source) == []
    extract_source(source, NIGHT)

    assert raw("select id, name from shop.a") == [("1", "Zoë")]


def test_lines_that_cannot_be_read_are_counted_and_the_rest_comes_in(tmp_path: Path, connect, raw) -> None:
    (tmp_path / "a.csv").write_text("id,name\n1,Amber\n2,Birch,too much\n3,Cedar\n4\n")
    (tmp_path / "b.jsonl").write_text('{"id": 1, "tags": ["x"], "name": "Ann"}\nnot json\n{"id": "2", "vip": true}\n')
    csv = connect("shop", kind="csv", path="a.csv", resources={"a": {}})
    jsonl = connect("app", kind="jsonl", path="b.jsonl", resources={"b": {}})

    (a,), (b,) = extract_source(csv, NIGHT), extract_source(jsonl, NIGHT)

    assert (a.state, a.rows, a.message) == ("partial", 2, "2 lines could not be read, first: a.csv line 3")
    assert (b.state, b.rows) == ("partial", 2)
    assert raw("select id, tags, name, vip from app.b order by id") == [
        ("1", '["x"]', "Ann", None),
        ("2", None, None, "true"),
    ]


def test_lines_that_hold_no_object_are_counted_and_make_no_empty_rows(tmp_path: Path, connect, raw) -> None:
    (tmp_path / "b.jsonl").write_text('{"id": 1}\n[1, 2]\n"text"\n7\nnull\n{"id": 2}\n')
    source = connect("app", kind="jsonl", path="b.jsonl", resources={"b": {"key": ["id"]}})

    assert probe(source) == []
    (outcome,) = extract_source(source, NIGHT)

    assert (outcome.state, outcome.rows) == ("partial", 2)
    assert "4 lines could not be read" in outcome.message
    assert raw("select id from app.b order by id") == [("1",), ("2",)]


def test_lines_above_the_headings_are_passed_over_and_lines_are_counted_all_the_same(
    tmp_path: Path, connect, raw
) -> None:
    (tmp_path / "a.csv").write_text("sep=;\nOrders;\n\nid;name\n1;Amber\n2;Birch;too much\n")
    csv = {"delimiter": ";", "skip_lines": 3}
    source = connect("shop", kind="csv", path="a.csv", csv=csv, resources={"a": {"key": ["id"]}})

    assert probe(source) == []
    (outcome,) = extract_source(source, NIGHT)

    assert outcome.message == "1 line could not be read, first: a.csv line 6"
    assert raw("select id, name from shop.a") == [("1", "Amber")]


def test_a_column_of_whole_numbers_stays_one_when_a_later_file_writes_them_as_floats(
    tmp_path: Path, connect, raw
) -> None:
    write_day(tmp_path / "use", "1", account=["a"], n=[1])
    source = connect("usage", kind="parquet", path="use/*.parquet", resources={"events": {}})
    extract_source(source, NIGHT)
    write_day(tmp_path / "use", "2", account=["b", "c"], n=[2.0, float("nan")])

    (outcome,) = extract_source(source, TOMORROW)

    assert (outcome.state, outcome.rows) == ("ok", 2)
    assert raw("select typeof(n), n from usage.events order by account") == [
        ("BIGINT", 1),
        ("BIGINT", 2),
        ("BIGINT", None),
    ]


def test_a_column_that_changes_its_type_fails_the_resource_and_makes_no_second_column(
    tmp_path: Path, connect, raw
) -> None:
    write_day(tmp_path / "use", "1", account=["a"], n=[1])
    source = connect("usage", kind="parquet", path="use/*.parquet", resources={"events": {}})
    extract_source(source, NIGHT)
    write_day(tmp_path / "use", "2", account=["b"], n=[1.5])

    (outcome,) = extract_source(source, TOMORROW)

    assert (outcome.state, outcome.rows) == ("failed", 0)
    assert "n holds BIGINT in raw" in outcome.message
    columns = raw("select column_name from information_schema.columns where table_name = 'events' order by 1")
    assert [name for (name,) in columns if not name.startswith("_")] == ["account", "n"]


def test_a_first_load_with_one_unreadable_file_fails_that_resource_only(tmp_path: Path, connect, raw) -> None:
    (tmp_path / "good.csv").write_text("id\n1\n")
    (tmp_path / "bad.csv").write_bytes(b"id,name\n1,\xff\xfe\xff\n")
    resources = {"bad": {"path": "bad.csv"}, "good": {"path": "good.csv"}}
    source = connect("shop", kind="csv", resources=resources)

    bad, good = extract_source(source, NIGHT)

    assert (bad.state, bad.load_id, good.state, good.rows) == ("failed", None, "ok", 1)
    assert "encoding" in bad.message
    assert raw("select resource, file from shop._files") == [("good", "good.csv")]


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_no_file_at_all_is_a_failed_outcome_that_names_the_pattern(kind: str, connect) -> None:
    source = connect("shop", kind=kind, path="nothing/*.x", resources={"orders": {}})

    (orders,) = extract_source(source, NIGHT)

    assert orders.state == "failed"
    assert "nothing/*.x" in orders.message
    assert len(probe(source)) == 1
