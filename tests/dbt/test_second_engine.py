"""Every model gives the same figures on PostgreSQL as on DuckDB."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from stillhere.demo.build import Recipe
from tests.dbt.projects import loaded_project
from tests.dbt.same_figures import differences
from tests.dbt.second_engine import PostgresProject, copied_to_postgres, new_database
from tests.postgres import PostgresServer

AS_OF = date(2026, 9, 30)


@pytest.fixture(scope="module")
def demo_on_both(tmp_path_factory: pytest.TempPathFactory, postgres_server: PostgresServer) -> PostgresProject:
    project = loaded_project(tmp_path_factory.mktemp("demo"), "config", Recipe(accounts=200, seed=11, until=AS_OF))
    project.run(AS_OF)
    copy = copied_to_postgres(project, postgres_server, new_database(postgres_server))
    copy.dbt("run")
    return copy


def built_relations(copy: PostgresProject) -> list[tuple[str, str]]:
    """Schema and name of every table that was built; staging is views, compared where they are few."""
    manifest = json.loads((copy.project.settings.places.dbt_target / "manifest.json").read_text())
    return sorted(
        (node["schema"], node["name"])
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["schema"] != "staging"
    )


def test_every_model_of_the_demo_company_gives_the_same_rows(demo_on_both: PostgresProject, tmp_path: Path) -> None:
    unlike = {
        f"{schema}.{name}": found
        for schema, name in built_relations(demo_on_both)
        if (found := differences(demo_on_both, schema, name, tmp_path))
    }
    assert unlike == {}


def test_the_unit_tests_with_figures_worked_by_hand_pass_on_postgresql(demo_on_both: PostgresProject) -> None:
    done = demo_on_both.dbt("test", "--select", "test_type:unit")
    assert len(done.result.results) >= 28
