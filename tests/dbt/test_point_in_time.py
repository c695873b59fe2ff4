"""A feature as of a day uses what had happened, and was known, by then: what comes after may be anything."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from stillhere.demo.recipe import Recipe
from tests.dbt.projects import Project, loaded_project

SHOP_DAY = date(2011, 9, 30)
DEMO_DAY = date(2026, 7, 31)
AFTER_DEMO_DAY = "timestamptz '2026-08-01 00:00:00+02'"
SECONDS_AFTER = "epoch(timestamptz '2026-08-01 00:00:00+02')"

SHUFFLED_SHOP = (
    # Later orders go to other customers, at other amounts, and half of them are gone.
    "create temp table later as select * from shop.invoices where {at} >= '2011-10-01'",
    "delete from shop.invoices where {at} >= '2011-10-01'",
    "insert into shop.invoices select * replace (cast(hash({customer}) % 9000 as varchar) as {customer}) from later "
    "where hash(_dlt_id) % 2 = 0",
)
SHUFFLED_DEMO = (
    f"create temp table later as select * from usage.events where received_at >= {AFTER_DEMO_DAY}",
    f"delete from usage.events where received_at >= {AFTER_DEMO_DAY}",
    "insert into usage.events "
    "select * replace ('eu1/acc' || (1 + hash(_dlt_id) % 200)::varchar as workspace) from later",
    f"delete from billing.payments where attempted_at >= {SECONDS_AFTER}",
    f"update billing.invoices set paid = null, status = 'open' where paid >= {SECONDS_AFTER}",
    f"delete from billing.invoices where issued >= {SECONDS_AFTER}",
    f"delete from billing.refunds where refunded_at >= {SECONDS_AFTER}",
    f"delete from billing.subscription_periods where starts >= {SECONDS_AFTER}",
    f"update billing.subscription_periods set ends = null, end_reason = null where ends >= {SECONDS_AFTER}",
    "delete from crm.calls where called_at >= '2026-08-01'",
    "delete from crm.tickets where opened_at >= '2026-08-01'",
    "update crm.tickets set closed_at = '2026-09-29T11:00:00+02:00' "
    "where closed_at >= '2026-08-01' or closed_at is null",
    "update crm.tickets set answered_at = '2026-09-28T11:00:00+02:00' "
    "where answered_at >= '2026-08-01' or answered_at is null",
    "delete from crm.people where created_at >= '2026-08-01'",
    "update crm.people set is_active = 0, inactive_since = '2026-08-20T11:00:00+02:00' "
    "where is_active = 1 and hash(id) % 3 = 0 or inactive_since >= '2026-08-01'",
)


def features(project: Project, as_of: date) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    project.run(as_of)
    cadence = project.rows("select * from marts.account_cadence order by account_id")
    panel = project.rows("select * from marts.account_cadence_panel order by account_id, cutoff")
    assert len(cadence) > 50
    assert len(panel) > len(cadence)
    return cadence, panel


def test_shuffling_what_came_after_leaves_a_shops_features_as_they_were(tmp_path: Path) -> None:
    project = loaded_project(tmp_path, "examples/online_retail")
    before = features(project, SHOP_DAY)
    mapped = project.settings.sources.sources["shop"].resources["invoices"].maps[0].columns
    names = {"at": f'"{mapped["occurred_at"].from_column}"', "customer": mapped["account_id"].from_column}
    project.change_raw(*(statement.format(**names) for statement in SHUFFLED_SHOP))
    assert features(project, SHOP_DAY) == before


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Project:
    recipe = Recipe(accounts=200, seed=11, until=date(2026, 9, 30))
    return loaded_project(tmp_path_factory.mktemp("demo"), "config", recipe)


def test_the_data_tests_pass_on_the_demo_and_the_panel_is_the_cadence_of_its_day(demo: Project) -> None:
    demo.run(date(2026, 9, 30))
    demo.dbt("test", "--select", "test_type:data")
    cutoff = demo.rows("select max(cutoff) from marts.account_cadence_panel")[0][0]
    columns = ", ".join(
        f'"{name}"'
        for (name,) in demo.rows(
            "select column_name from information_schema.columns where table_name = 'account_cadence'"
        )
    )
    panel = demo.rows(f"select {columns} from marts.account_cadence_panel where cutoff = '{cutoff}' order by 1")
    demo.run(cutoff)
    cadence = demo.rows(f"select {columns} from marts.account_cadence order by 1")
    assert panel == cadence


def test_shuffling_what_came_after_leaves_a_contract_companys_features_as_they_were(demo: Project) -> None:
    before = features(demo, DEMO_DAY)
    demo.change_raw(*SHUFFLED_DEMO)
    assert features(demo, DEMO_DAY) == before
