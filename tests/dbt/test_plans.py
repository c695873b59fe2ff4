"""How DuckDB works the models out, where what it chooses costs memory at size."""

from __future__ import annotations

from pathlib import Path

import duckdb

from benchmarks.cadence_data import NIGHT
from flows.build import build_warehouse
from tests.dbt.drawn_company import FIRST, drawn_company
from tests.dbt.projects import Project

FEW_ROWS = {"int_corrections"}


def plans(project: Project) -> dict[str, str]:
    """How DuckDB would work out each model on what was built last."""
    places = project.settings.places
    with duckdb.connect(str(places.warehouse), read_only=True) as warehouse:
        warehouse.execute(f"attach '{places.raw_database}' as raw (read_only)")
        return {
            model.stem: warehouse.execute(f"explain {model.read_text()}").fetchall()[0][1]
            for model in (places.dbt_target / "compiled" / "stillhere" / "models").rglob("*.sql")
        }


def test_no_row_is_kept_in_memory_to_ask_a_list_that_is_empty(tmp_path: Path) -> None:
    """A DELIM_JOIN keeps all of its left side: `not exists` becomes one where DuckDB knows that the list is empty."""
    company = drawn_company(tmp_path / "company", event_key="")
    build_warehouse(company.settings, NIGHT, FIRST, {})
    assert company.rows("select count(*) from intermediate.int_replaced_rows") == [(0,)]
    found = plans(company)
    assert len(found) > 70
    assert {model for model, plan in found.items() if "DELIM_JOIN" in plan} <= FEW_ROWS


def test_what_people_did_lies_in_order_of_days(tmp_path: Path) -> None:
    """Cadence reads the weeks before a day: in order, DuckDB leaves all others unread and packed."""
    company = drawn_company(tmp_path / "company")
    build_warehouse(company.settings, NIGHT, FIRST, {})
    days = [
        day for (day,) in company.rows("select activity_date from intermediate.int_person_days_kept order by rowid")
    ]
    assert len(set(days)) > 100
    assert days == sorted(days)
