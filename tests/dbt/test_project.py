"""The dbt project: it parses without a warning, its unit tests pass, and every mart keeps what DESIGN.md promises."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from stillhere.warehouse.publish import SQL_MARTS
from tests.dbt.projects import Project, empty_project, loaded_project


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = empty_project(tmp_path_factory.mktemp("empty"))
    project.run(date(2026, 9, 30))
    return project


@pytest.fixture(scope="module")
def manifest(empty: Project) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((empty.settings.places.dbt_target / "manifest.json").read_text())
    return found


@pytest.mark.parametrize("company", ["config", "examples/online_retail"])
def test_the_project_parses_without_a_warning(company: str, tmp_path: Path) -> None:
    empty_project(tmp_path, company).dbt("parse", "--no-partial-parse")


def test_every_model_builds_for_a_company_without_any_data(empty: Project) -> None:
    assert empty.rows("select count(*) from marts.accounts") == [(0,)]


def test_the_unit_tests_with_figures_worked_by_hand_pass(empty: Project) -> None:
    done = empty.dbt("test", "--select", "test_type:unit")
    assert len(done.result.results) >= 28


def test_a_unit_tests_name_fits_the_shortest_limit_among_the_engines(manifest: dict[str, Any]) -> None:
    # dbt makes a relation of that name, and PostgreSQL's have 63 characters at most.
    assert [test["name"] for test in manifest["unit_tests"].values() if len(test["name"]) > 63] == []


def test_the_docs_build_without_a_network(empty: Project) -> None:
    empty.dbt("docs", "generate", "--static")
    assert (empty.settings.places.dbt_target / "static_index.html").stat().st_size > 100_000


def test_every_mart_has_a_contract_a_grain_a_key_and_a_description_of_each_column(manifest: dict[str, Any]) -> None:
    for mart in SQL_MARTS:
        node = manifest["nodes"][f"model.stillhere.{mart}"]
        assert node["config"]["contract"]["enforced"], mart
        assert node["description"].startswith("Grain: one row per "), mart
        assert all(column["description"] and column["data_type"] for column in node["columns"].values()), mart
        tests = [
            test["test_metadata"]["name"]
            for test in manifest["nodes"].values()
            if test["resource_type"] == "test" and test.get("attached_node") == node["unique_id"]
        ]
        assert "unique_together" in tests, mart


def test_every_model_says_what_one_row_is(manifest: dict[str, Any]) -> None:
    silent = [
        node["name"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and "one row" not in node["description"].lower()
    ]
    assert silent == []


def test_what_reads_the_marts_is_declared(manifest: dict[str, Any]) -> None:
    read = {node for exposure in manifest["exposures"].values() for node in exposure["depends_on"]["nodes"]}
    assert {f"model.stillhere.{mart}" for mart in SQL_MARTS} <= read


def test_the_data_tests_pass_on_a_real_shop(tmp_path: Path) -> None:
    project = loaded_project(tmp_path, "examples/online_retail")
    project.run(date(2011, 12, 8))
    assert project.rows("select count(*) > 1000 from marts.account_cadence") == [(True,)]
    project.dbt("test", "--select", "test_type:data")
