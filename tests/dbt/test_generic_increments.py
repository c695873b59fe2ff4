"""An increment of a mapped company gives the rows of a full build, whichever of its tables had rows replaced."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from benchmarks.cadence_data import NIGHT
from flows.build import build_warehouse
from stillhere.warehouse.increments import KEPT_TABLES
from stillhere.warehouse.night_inputs import AcceptedLoad
from stillhere.warehouse.publish import SQL_MARTS
from tests.dbt.drawn_company import FIRST, drawn_company
from tests.dbt.projects import Project

TABLES = (*(f"marts.{mart}" for mart in SQL_MARTS), *(f"intermediate.{table}" for table in KEPT_TABLES))
AGAIN = (
    "insert into shop.{table} select * replace (_dlt_id || '-again' as _dlt_id, '{load}' as _dlt_load_id, "
    "_loaded_at + interval '1 day' as _loaded_at, {changed}) from shop.{table} where hash(_dlt_id) % 5 = 0"
)


def everything(project: Project) -> dict[str, list[tuple[object, ...]]]:
    return {table: project.rows(f"select * from {table} order by all") for table in TABLES}


def test_replaced_invoices_and_replaced_events_change_what_a_full_build_says(tmp_path: Path) -> None:
    """Replaced invoices leave the counts of events alone, so they are not looked for there; replaced events are."""
    company = drawn_company(tmp_path / "company")
    build_warehouse(company.settings, NIGHT, FIRST, {})
    company.add_raw(AGAIN.format(table="invoices", load="paid", changed="amount + 7 as amount"))
    loads = [*FIRST, AcceptedLoad("shop", "invoices", "paid")]
    build_warehouse(company.settings, NIGHT, loads, {})
    assert company.rows("select count(*) > 10 from intermediate.int_newly_replaced_rows where was_counted") == [(True,)]
    assert company.rows("select count(*) from intermediate.int_person_day_changes") == [(0,)]

    company.add_raw(AGAIN.format(table="events", load="moved", changed="known_at + interval '3 days' as known_at"))
    loads.append(AcceptedLoad("shop", "events", "moved"))
    build_warehouse(company.settings, NIGHT, loads, {})
    assert company.rows("select why from night.increment") == [("",)]
    assert company.rows("select count(*) > 10 from intermediate.int_person_day_changes where events < 0") == [(True,)]

    fresh = tmp_path / "fresh"
    fresh.mkdir()
    (fresh / "raw").symlink_to(company.settings.places.root / "raw")
    anew = Project(replace(company.settings, places=replace(company.settings.places, root=fresh)), tuple(loads))
    build_warehouse(anew.settings, NIGHT, loads, {}, full=True)
    mine, theirs = everything(company), everything(anew)
    for table in TABLES:
        assert mine[table] == theirs[table], table
