"""What a night takes from a database, and what it leaves."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from stillhere.connectors import extract_source
from tests.stillhere.connectors.conftest import NIGHT, change

COMPANIES = {"companies": {"key": ["id"], "cursor": "updated_at", "overlap_days": 3}}


def test_a_first_night_takes_every_row_and_says_so(crm: Path, connect, raw) -> None:
    source = connect(kind="sql", url=f"sqlite:///{crm}", resources={**COMPANIES, "owners": {}})

    companies, owners = extract_source(source, NIGHT)

    assert (companies.state, companies.rows, companies.cursor_low) == ("ok", 3, None)
    assert companies.cursor_high == "2026-06-28T10:00:00+00:00"
    assert (owners.rows, owners.load_id) == (2, companies.load_id)
    assert raw("select id, company_name, seats, updated_at from crm.companies order by id")[1] == (
        2, "Birch", None, "2026-06-20T10:00:00+00:00",
    )  # fmt: skip
    kinds = dict(raw("select column_name, data_type from information_schema.columns where table_name = 'companies'"))
    assert kinds["seats"] == "BIGINT"
    assert kinds["_loaded_at"] == "TIMESTAMP"
    assert {"_dlt_load_id", "_dlt_id"} <= set(kinds)
    assert raw("select distinct _loaded_at from crm.companies")[0][0] == NIGHT.replace(tzinfo=None)
    assert raw("select tags['storage_version'] from duckdb_databases() where database_name = 'raw'") == [("v1.4.0+",)]


def test_a_second_night_appends_only_what_changed(crm: Path, connect, raw) -> None:
    source = connect(kind="sql", url=f"sqlite:///{crm}", resources={**COMPANIES, "owners": {}})
    extract_source(source, NIGHT)
    change(crm, "update companies set seats = 10, updated_at = '2026-06-30T08:00:00+00:00' where id = 3")

    companies, owners = extract_source(source, NIGHT + timedelta(days=1))

    assert (companies.rows, companies.cursor_low) == (1, "2026-06-24")
    assert (owners.rows, owners.rows_seen, owners.load_id) == (0, 2, None)
    assert raw("select seats from crm.companies where id = 3 order by _dlt_load_id") == [(9,), (10,)]
    assert raw("select count(*) from crm.owners") == [(2,)]


def test_a_table_without_cursor_comes_whole_when_any_row_changed(crm: Path, connect, raw) -> None:
    source = connect(kind="sql", url=f"sqlite:///{crm}", resources={"owners": {"key": ["email"]}})
    extract_source(source, NIGHT)
    change(crm, "delete from owners where team = 'north'; insert into owners values ('c@x.example', 'west')")

    (owners,) = extract_source(source, NIGHT + timedelta(days=1))

    assert owners.rows == 2
    assert raw(f"select team from crm.owners where _dlt_load_id = '{owners.load_id}' order by 1") == [
        ("south",),
        ("west",),
    ]


def test_a_row_that_turns_back_to_an_older_state_is_a_new_version(crm: Path, connect, raw) -> None:
    source = connect(kind="sql", url=f"sqlite:///{crm}", resources=COMPANIES)
    extract_source(source, NIGHT)
    for night, seats in ((1, 10), (2, 9)):
        change(crm, f"update companies set seats = {seats} where id = 3")
        extract_source(source, NIGHT + timedelta(days=night))

    assert raw("select seats from crm.companies where id = 3 order by _dlt_load_id") == [(9,), (10,), (9,)]


def test_a_table_without_cursor_and_key_adds_only_rows_that_raw_does_not_hold(crm: Path, connect, raw) -> None:
    source = connect(kind="sql", url=f"sqlite:///{crm}", resources={"owners": {}})
    extract_source(source, NIGHT)
    change(crm, "insert into owners values ('c@x.example', 'west'), ('a@x.example', 'north')")

    (owners,) = extract_source(source, NIGHT + timedelta(days=1))

    assert owners.rows == 2
    assert raw("select team, count(*) from crm.owners group by 1 order by 1") == [
        ("north", 2),
        ("south", 1),
        ("west", 1),
    ]


def test_values_that_do_not_fit_their_declared_type_make_the_column_text(crm: Path, connect, raw) -> None:
    change(crm, "insert into companies values (4, 'Dogwood', 'about five', '2026-06-29T00:00:00+00:00')")
    source = connect(kind="sql", url=f"sqlite:///{crm}", resources=COMPANIES)

    extract_source(source, NIGHT)

    assert raw("select typeof(seats), seats from crm.companies order by id") == [
        ("VARCHAR", "5"),
        ("VARCHAR", None),
        ("VARCHAR", "9"),
        ("VARCHAR", "about five"),
    ]


def test_epoch_cursors_overlap_in_days_and_running_numbers_in_nothing(crm: Path, connect) -> None:
    change(
        crm,
        "create table calls (id integer, at integer);"
        "insert into calls values (1, 1782000000), (2, 1782600000), (3, 1782700000)",
    )
    epoch = {"calls": {"key": ["id"], "cursor": "at", "overlap_days": 2}}
    number = {"calls": {"key": ["id"], "cursor": "id", "overlap_days": 2}}
    by_time = connect("a", kind="sql", url=f"sqlite:///{crm}", resources=epoch)
    by_number = connect("b", kind="sql", url=f"sqlite:///{crm}", resources=number)
    for source in (by_time, by_number):
        extract_source(source, NIGHT)

    ((again,), (numbered,)) = (extract_source(source, NIGHT) for source in (by_time, by_number))

    assert (again.cursor_low, again.rows_seen, again.rows) == (str(1782700000 - 2 * 86_400), 2, 0)
    assert (numbered.cursor_low, numbered.rows_seen) == ("3", 1)
