"""A training leaves a record of how it ended, also when it ends badly."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

from flows.training import train_newest
from stillhere.company_folder import read_company
from stillhere.operations import open_operations, writing
from stillhere.operations.runs import close_dead_runs, recent_runs, start_run

CONFIG = Path(__file__).parents[2] / "config"


def test_a_training_that_fails_is_recorded_as_failed(tmp_path: Path) -> None:
    settings = read_company(CONFIG, environment={}, data_dir=tmp_path)
    settings.places.root.mkdir()
    with duckdb.connect(str(settings.places.warehouse)) as warehouse:  # of a night that was not built to its end
        warehouse.execute("create schema night; create table night.night as select date '2026-09-30' as as_of")

    with pytest.raises(duckdb.Error):
        train_newest(settings)

    [run] = recent_runs(open_operations(settings.places.operations_url), "train")
    assert (run.state, run.as_of, run.finished_at is not None) == ("failed", date(2026, 9, 30), True)
    assert "cutoffs" in run.message


def test_a_training_that_died_is_closed_by_the_next_run(tmp_path: Path) -> None:
    engine = open_operations(f"sqlite:///{tmp_path / 'operations.sqlite'}")
    now = datetime(2026, 10, 1, 4, tzinfo=UTC)
    start_run(engine, date(2026, 9, 30), 0, "preview", "train", now)
    with writing(engine) as connection:
        close_dead_runs(connection, now)
    assert [run.state for run in recent_runs(engine)] == ["failed"]
