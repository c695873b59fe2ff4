"""An incremental night gives the rows of a full build over the same raw history, whatever its loads brought."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from flows.build import build_warehouse
from stillhere.demo.recipe import Recipe
from stillhere.warehouse.increments import KEPT_TABLES
from stillhere.warehouse.night_inputs import AcceptedLoad
from stillhere.warehouse.publish import SQL_MARTS
from tests.dbt.projects import Project, loaded_project

FIRST = date(2026, 9, 20)
"""The night of the first load; each next load is a day later."""
CUT_IN_DAYS = (
    "create schema if not exists quarantine",
    "create table if not exists quarantine.rows (as_of date, source varchar, resource varchar, rule varchar, "
    "reason varchar, row_id varchar, load_id varchar, row_json varchar, found_at timestamp)",
    # Usage comes in by the day on which it was received, late events with it; everything else is in the first load.
    "update usage.events set _dlt_load_id = 'day' || greatest(0, date_diff('day', date '{first}', "
    "cast(received_at at time zone 'Europe/Berlin' as date)))",
)
CHANGED_ROWS = (
    # The same keys again: one with another count, one that now belongs to a day no one knew of.
    "insert into usage.events select * replace (_dlt_id || '-again' as _dlt_id, 'day1' as _dlt_load_id, "
    '_loaded_at + interval \'1 day\' as _loaded_at, "count" + 3 as "count", '
    "received_at + interval '9 days' as received_at) "
    "from usage.events where _dlt_load_id = 'day0' and hash(_dlt_id) % 50 = 0",
    # A ticket that is closed, reopened and another: rows of the first load put out of date.
    "insert into crm.tickets select * replace (_dlt_id || '-again' as _dlt_id, 'tickets1' as _dlt_load_id, "
    "_loaded_at + interval '1 day' as _loaded_at, null as closed_at) from crm.tickets where hash(_dlt_id) % 3 = 0",
)
MERGED = (
    "insert into crm.companies select * replace (_dlt_id || '-again' as _dlt_id, 'companies2' as _dlt_load_id, "
    "_loaded_at + interval '1 day' as _loaded_at, 'ACC-000003' as merged_into) "
    "from crm.companies where id in ('ACC-000010', 'ACC-000011')",
    "insert into quarantine.rows (source, resource, row_id, load_id) "
    "select 'usage', 'events', _dlt_id, _dlt_load_id from usage.events "
    "where _dlt_load_id = 'day2' and hash(_dlt_id) % 9 = 0",
)
TOLD_APART = (
    "insert into crm.companies select * replace (_dlt_id || '-more' as _dlt_id, 'companies3' as _dlt_load_id, "
    "_loaded_at + interval '2 days' as _loaded_at, null as merged_into) "
    "from crm.companies where id = 'ACC-000010' and _dlt_load_id <> 'companies2'",
)
ERASED = ("delete from usage.events where workspace = (select min(workspace) from usage.events)",)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Project:
    recipe = Recipe(accounts=120, seed=5, until=FIRST + timedelta(days=6))
    project = loaded_project(tmp_path_factory.mktemp("demo"), "config", recipe)
    project.add_raw(*(statement.format(first=FIRST) for statement in CUT_IN_DAYS))
    return project


def loads_until(demo: Project, day: int, *more: tuple[str, str, str]) -> list[AcceptedLoad]:
    """The first load of everything, usage by day, and other loads as (source, resource, load id)."""
    first = [load for load in demo.loads if load.resource != "events"]
    usage = [AcceptedLoad("usage", "events", f"day{number}") for number in range(day + 1)]
    return [*first, *usage, *(AcceptedLoad(*load) for load in more)]


def everything(project: Project, tables: tuple[str, ...]) -> dict[str, list[tuple[object, ...]]]:
    return {table: project.rows(f"select * from {table} order by all") for table in tables}


def compare(demo: Project, fresh: Path, as_of: date, loads: list[AcceptedLoad]) -> str:
    """Builds upon the last build, and anew; asserts the same rows; gives why the first was full, if it was."""
    build_warehouse(demo.settings, as_of, loads, {})
    fresh.mkdir(parents=True)
    anew = Project(replace(demo.settings, places=replace(demo.settings.places, root=fresh)), demo.loads)
    (fresh / "raw").symlink_to(demo.settings.places.root / "raw")
    build_warehouse(anew.settings, as_of, loads, {}, full=True)
    tables = (*(f"marts.{mart}" for mart in SQL_MARTS), *(f"intermediate.{table}" for table in KEPT_TABLES))
    mine, theirs = everything(demo, tables), everything(anew, tables)
    for table in tables:
        assert mine[table] == theirs[table], table
    why: str = demo.rows("select why from night.increment")[0][0]
    return why


def test_increments_give_the_rows_of_full_builds(demo: Project, tmp_path: Path) -> None:
    """Late events, changed rows, merges, bad rows, a split, an erasure: each night against a build from nothing."""
    tickets, merges, split = (
        ("crm", "tickets", "tickets1"),
        ("crm", "companies", "companies2"),
        ("crm", "companies", "companies3"),
    )

    def night(day: int, *more: tuple[str, str, str]) -> str:
        folder = tmp_path / f"{day}-{len(list(tmp_path.iterdir()))}"
        return compare(demo, folder, FIRST + timedelta(days=day), loads_until(demo, day, *more))

    assert night(0) == "nothing is kept from a night before"
    demo.add_raw(*CHANGED_ROWS)
    assert night(1, tickets) == ""
    assert demo.rows("select count(*) > 10 from intermediate.int_newly_replaced_rows where was_counted") == [(True,)]
    demo.add_raw(*MERGED)
    assert night(2, tickets, merges) == ""
    assert demo.rows("select count(*) from intermediate.int_moved_accounts") == [(3,)]
    demo.add_raw(*TOLD_APART)
    assert night(3, tickets, merges, split) == ""
    demo.add_raw(*ERASED)
    assert night(4, tickets, merges, split) == "loads of the last night are gone or have other rows"
    assert night(5, tickets, merges, split) == ""
