"""The warehouse's file between two runs of dbt, which keeps it open from model to model."""

from pathlib import Path

import duckdb
import pytest

from flows.transform import TransformError, run_models
from tests.dbt.projects import empty_project


def test_a_failed_run_leaves_the_warehouse_to_whoever_reads_it_next(tmp_path: Path) -> None:
    settings = empty_project(tmp_path).settings  # without the night's inputs no model that reads them can be built

    with pytest.raises(TransformError, match="dbt could not build"):
        run_models(settings, ["+int_plans"])

    # DuckDB refuses a second way of opening a file that is open.
    with duckdb.connect(str(settings.places.warehouse), read_only=True) as warehouse:
        assert warehouse.execute("select count(*) from duckdb_tables()").fetchone() is not None
