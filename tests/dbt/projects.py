"""Warehouses for the tests of the dbt project: filled as a night fills them, by the night's own functions."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import duckdb
import polars as pl
from dbt.cli.main import dbtRunner

from flows.build import build_warehouse
from flows.mapping import dbt_variables
from flows.transform import PROJECT, close_warehouse, prepare_dbt
from stillhere.connectors import connected_sources, extract_source
from stillhere.demo.build import build_demo
from stillhere.demo.recipe import Recipe
from stillhere.settings import Settings, load_settings
from stillhere.warehouse.connect import open_warehouse
from stillhere.warehouse.increments import forget_build
from stillhere.warehouse.night_inputs import AcceptedLoad, Row

REPOSITORY = Path(__file__).parents[2]
READ_AT = datetime(2026, 11, 23, 4, tzinfo=UTC)


@dataclass(frozen=True)
class Project:
    """A company whose raw is loaded, and the dbt project pointed at it."""

    settings: Settings
    loads: tuple[AcceptedLoad, ...]

    def run(self, as_of: date, operations: Mapping[str, Iterable[Row]] = MappingProxyType({})) -> None:
        """Builds every model as of a day, as a night does, with these rows of the operations database."""
        build_warehouse(self.settings, as_of, self.loads, operations)

    def dbt(self, *command: str, expect: bool = True) -> Any:
        """Runs a dbt command; every warning of the parser is an error."""
        prepare_dbt(self.settings)
        target = str(self.settings.places.dbt_target)
        places = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--target-path", target]
        variables = ["--vars", json.dumps(dbt_variables(self.settings)), "--log-path", target, "--quiet"]
        try:
            done = dbtRunner().invoke(["--warn-error", *command, *places, *variables])
        finally:
            close_warehouse()
        if expect:
            assert done.success, done.exception or [
                (one.node.name, one.message)
                for one in done.result.results
                if str(one.status) not in ("success", "pass")
            ]
        return done

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of the warehouse."""
        with duckdb.connect(str(self.settings.places.warehouse), read_only=True) as connection:
            connection.execute("set timezone = 'UTC'")
            connection.execute(f"attach '{self.settings.places.raw_database}' as raw (read_only)")
            return connection.execute(query).fetchall()

    def change_raw(self, *statements: str) -> None:
        """Changes raw history, as no night ever does: what was built from it is not kept."""
        with open_warehouse(self.settings.places.warehouse) as warehouse:
            forget_build(warehouse)
        self.add_raw(*statements)

    def add_raw(self, *statements: str) -> None:
        """Adds to raw history, as loads do."""
        with duckdb.connect(str(self.settings.places.raw_database)) as raw:
            raw.execute("set timezone = 'UTC'")
            for statement in statements:
                raw.execute(statement)


def empty_project(data: Path, company: str = "config") -> Project:
    """A company before its first load: every model is there, typed and empty."""
    settings = load_settings(REPOSITORY / company, {}, data)
    settings.places.raw_database.parent.mkdir(parents=True)
    duckdb.connect(str(settings.places.raw_database)).close()
    return Project(settings, ())


def loaded_project(data: Path, company: str, demo: Recipe | None = None, record: pl.DataFrame | None = None) -> Project:
    """A company whose sources have been read once; the demo's are drawn first, as it has lived by its `record`."""
    settings = load_settings(REPOSITORY / company, {}, data)
    if demo is not None:
        settings.places.root.mkdir(parents=True)
        build_demo(demo, settings.places.sources, settings.places.truth, record=record)
    outcomes = [
        outcome
        for source in connected_sources(settings)
        for outcome in extract_source(source, READ_AT, accepted=set(), refused=set(), clock=READ_AT)
    ]
    loads = tuple(AcceptedLoad(one.source, one.resource, one.load_id) for one in outcomes if one.load_id)
    return Project(settings, loads)
