"""Every model gives the same figures on PostgreSQL as on DuckDB, for contracts and for a shop."""

from __future__ import annotations

import json
import shutil
from datetime import date, datetime, time, timedelta
from pathlib import Path

import duckdb
import pytest

from stillhere.demo.recipe import Recipe
from stillhere.operations.closings import AMOUNTS
from stillhere.warehouse.night_inputs import Row
from tests.dbt.projects import REPOSITORY, Project, loaded_project
from tests.dbt.same_figures import differences
from tests.dbt.second_engine import PostgresProject, copied_to_postgres, new_database
from tests.postgres import PostgresServer

DEMO_DAY, SHOP_DAY = date(2026, 9, 30), date(2011, 12, 8)
# Of so few accounts no habit can be told and none changes its currency; all have subscriptions; it has no offers and so
# no coupons; a full build changes nothing that was kept. Their unit tests run on PostgreSQL too.
EMPTY_FOR_THE_DEMO = {
    "habits",
    "int_coupons",
    "int_other_currencies",
    "int_moved_accounts",
    "int_person_day_changes",
    "int_invoiced_contracts",
    "int_invoiced_services",
}
FILLED_FOR_THE_SHOP = {
    "accounts",
    "account_cadence",
    "account_cadence_panel",
    "int_first_days",
    "retention",
    "hamster_wheel",
}


def remembered(accounts: list[str]) -> dict[str, list[Row]]:
    """What Stillhere would remember of some accounts: campaigns, calls, exits, stops, objections and closed months."""
    drawn = DEMO_DAY - timedelta(days=100)
    return {
        "assignments": [
            {
                "campaign": "slipping_note",
                "account_id": account,
                "arm": "holdout" if number % 3 else "treated",
                "day_zero": drawn + timedelta(days=number % 60),
            }
            for number, account in enumerate(accounts)
        ],
        "calls": [
            {"account_id": account, "campaign": "high_value_call", "outcome": "done", "called_on": drawn}
            for account in accounts[::9]
        ],
        "exits": [
            {
                "account_id": account,
                "requested_at": datetime.combine(drawn - timedelta(days=number * 5), time(22, 30)),
                "reason": ["price", "missing", None][number % 3],
                "outcome": ["left", "saved", "undecided"][number % 3],
                "comment": ["too dear", None][number % 2],
                "kind": ["voluntary", "involuntary", None][number % 3],
            }
            for number, account in enumerate(accounts[::7])
        ],
        "exit_answers": [
            {
                "account_id": account,
                "reason": ["price", "faults"][number % 2],
                "answered_at": datetime.combine(DEMO_DAY - timedelta(days=number * 3), time(22, 30)),
            }
            for number, account in enumerate(accounts[::2])
        ],
        "objections": [{"subject": account, "since": drawn} for account in accounts[1::60]],
        "suppressions": [{"email": "nobody@example.org", "reason": "stop", "since": drawn}],
        "month_closes": [
            {"month": date(2026, month, 1), "closed_as_of": drawn, "row_count": 40, "digest": "d"}
            for month in (1, 2, 3)
        ],
        "closed_months": [
            {
                **dict.fromkeys(AMOUNTS, 0),
                "account_id": account,
                "month": date(2026, month, 1),
                "currency": "EUR",
                "plan": "team",
                "opening_mrr_minor": 10_000 * (month - 1),
                "new_minor": 10_000 if month == 1 else 0,
                "expansion_minor": 0 if month == 1 else 10_000,
                "closing_mrr_minor": 10_000 * month,
            }
            for account in accounts[::5]
            for month in (1, 2, 3)
        ],
    }


def on_postgres(project: Project, server: PostgresServer) -> PostgresProject:
    """The project built on PostgreSQL as well."""
    copy = copied_to_postgres(project, server, new_database(server))
    copy.dbt("run")
    return copy


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory, postgres_server: PostgresServer) -> PostgresProject:
    """The demo company, in the middle of its life with Stillhere."""
    project = loaded_project(tmp_path_factory.mktemp("demo"), "config", Recipe(accounts=200, seed=11, until=DEMO_DAY))
    with duckdb.connect(str(project.settings.places.raw_database), read_only=True) as raw:
        accounts = [
            account for (account,) in raw.execute("select distinct id from crm.companies order by 1").fetchall()
        ]
    project.run(DEMO_DAY, remembered(accounts))
    return on_postgres(project, postgres_server)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, postgres_server: PostgresServer) -> PostgresProject:
    """A few hundred customers of the real shop."""
    company = tmp_path_factory.mktemp("company")
    shutil.copytree(REPOSITORY / "examples/online_retail", company, dirs_exist_ok=True)
    whole = REPOSITORY / "examples/online_retail/invoices.parquet"
    sample = f"select * from '{whole}' where cast(customer_id as varchar) like '%3'"
    duckdb.sql(f"copy ({sample}) to '{company / 'invoices.parquet'}' (format parquet)")
    project = loaded_project(tmp_path_factory.mktemp("shop"), str(company))
    project.run(SHOP_DAY)
    return on_postgres(project, postgres_server)


def built(copy: PostgresProject) -> list[tuple[str, str]]:
    """Schema and name of every model that both engines hold; staging is views of raw: what they give is in the rest."""
    manifest = json.loads((copy.project.settings.places.dbt_target / "manifest.json").read_text())
    return sorted(
        (node["schema"], node["name"])
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
        and node["schema"] != "staging"
        and node["config"]["materialized"] != "ephemeral"
    )


def unlike(copy: PostgresProject, scratch: Path) -> dict[str, list[str]]:
    """What differs between the engines, model by model."""
    return {name: found for schema, name in built(copy) if (found := differences(copy, schema, name, scratch))}


def empty(copy: PostgresProject) -> set[str]:
    """Models without rows, which compare nothing."""
    return {name for schema, name in built(copy) if not copy.rows(f"select exists (select from {schema}.{name})")[0][0]}


def test_every_model_of_the_demo_company_gives_the_same_rows(demo: PostgresProject, tmp_path: Path) -> None:
    assert unlike(demo, tmp_path) == {}
    assert empty(demo) <= EMPTY_FOR_THE_DEMO


def test_every_model_of_a_shop_gives_the_same_rows(shop: PostgresProject, tmp_path: Path) -> None:
    assert unlike(shop, tmp_path) == {}
    assert not empty(shop) & FILLED_FOR_THE_SHOP


def test_the_unit_tests_with_figures_worked_by_hand_pass_on_postgresql(demo: PostgresProject) -> None:
    done = demo.dbt("test", "--select", "test_type:unit")
    assert len(done.result.results) >= 28
