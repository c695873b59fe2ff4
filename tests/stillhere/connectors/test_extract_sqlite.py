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
    source = connect(kind="sql", url=f"sqlite:///{crm}", resources={"owners": {}})
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
