"""Seconds and memory of training and of scoring with signs, beside boosting's own fit and prediction in the same run.

    .venv/bin/python -m benchmarks.scoring                     # a panel of 500,000 rows, then 1,000,000 accounts
    .venv/bin/python -m benchmarks.scoring --accounts 100000

The accounts are drawn as the marts would show them (tests/models/simulated_panel.py) and lie in a warehouse;
scoring reads `marts.account_cadence` from it as the night does. Each step runs in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl

from models import registry
from models.features import matrix
from models.fit import boosting
from models.model import RiskModel, TrainingSettings
from models.panel import labelled
from models.predict import prepared
from models.train import train
from stillhere.company_folder import read_company
from stillhere.scoring.risk import score_night
from stillhere.settings import Settings
from tests.models.simulated_panel import simulated_panel, tonight

AS_OF = date(2026, 6, 30)
CUTOFFS = 16
PART = 100_000
CONFIG = Path(__file__).parents[1] / "config"


def main() -> None:
    """Prints one line a step."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=1_000_000)
    parser.add_argument("--panel-rows", type=int, default=500_000)
    parser.add_argument("--step", choices=STEPS, help=argparse.SUPPRESS)
    parser.add_argument("--scratch", type=Path, help="where the warehouse lies; a temporary folder otherwise")
    asked = parser.parse_args()
    if asked.step:
        print(json.dumps(STEPS[asked.step](asked.scratch, asked.panel_rows, asked.accounts)))
        return
    with tempfile.TemporaryDirectory() as scratch:
        folder = asked.scratch or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        print(f"{'step':<34} {'rows':>10} {'ours s':>8} {'floor s':>8} {'peak GiB':>9}")
        for step in STEPS:
            told = _in_a_process(step, folder, asked)
            ratio = f"ratio {told['ours'] / told['floor']:.2f}x" if told["floor"] else ""
            print(
                f"{told['name']:<34} {told['rows']:>10,} {told['ours']:>8.1f} {told['floor']:>8.1f} "
                f"{told['peak_gib']:>9.2f}  {ratio}",
                flush=True,
            )


def train_step(folder: Path, panel_rows: int, _accounts: int) -> dict[str, Any]:
    """Trains as the night does; the floor is one fit of boosting on the same matrix."""
    settings = _settings(folder)
    horizon = settings.churn.horizon_days
    panel = simulated_panel(panel_rows // CUTOFFS, AS_OF, horizon=horizon, cutoffs=CUTOFFS)
    began = time.perf_counter()
    model = train(panel, as_of=AS_OF, settings=_training(settings))
    ours = time.perf_counter() - began
    if not isinstance(model, RiskModel):
        raise RuntimeError("the drawn panel is too small for a model")
    registry.register(settings.places.models, model)
    known = labelled(panel)
    features, left = matrix(known, model.card.features), known["left_in_horizon"].to_numpy().astype(bool)
    began = time.perf_counter()
    boosting(None).fit(features, left)
    return _told("training", panel.height, ours, time.perf_counter() - began)


def score_step(folder: Path, _panel_rows: int, accounts: int) -> dict[str, Any]:
    """Scores with signs from the warehouse; the floor is the model's own log-odds of ready matrices."""
    settings = _settings(folder)
    warehouse = duckdb.connect(str(folder / "warehouse.duckdb"), config={"threads": 2, "memory_limit": "2GB"})
    _draw_accounts(warehouse, accounts)
    model_id = registry.current_id(settings.places.models)
    if model_id is None:
        raise RuntimeError("train first")
    began = time.perf_counter()
    scored = score_night(warehouse, settings, AS_OF, model_id=model_id)
    ours = time.perf_counter() - began
    told = scored.risk.filter(pl.col("signs") != "[]").height
    peak = _peak_gib()
    model, floor = registry.load(settings.places.models, model_id), 0.0
    for at in range(0, accounts, PART):
        part = warehouse.execute(f"select * from marts.account_cadence limit {PART} offset {at}").pl()
        ready = matrix(prepared(part), model.card.features)
        began = time.perf_counter()
        model.members.scores(ready)
        floor += time.perf_counter() - began
    return {**_told(f"scoring ({told / accounts:.0%} with signs)", accounts, ours, floor), "peak_gib": peak}


STEPS = {"train": train_step, "score": score_step}


def _draw_accounts(warehouse: duckdb.DuckDBPyConnection, accounts: int) -> None:
    warehouse.execute("create schema if not exists marts")
    for at in range(0, accounts, PART):
        cadence, _ = tonight(min(PART, accounts - at), AS_OF, seed=1 + at // PART)
        cadence = cadence.with_columns(account_id=pl.lit(f"{at // PART:03d}-") + pl.col("account_id"))
        warehouse.register("part", cadence.to_arrow())
        verb = "insert into marts.account_cadence" if at else "create or replace table marts.account_cadence as"
        warehouse.execute(f"{verb} select * from part")
    warehouse.execute(
        "create or replace table marts.accounts as "
        "select account_id, 100000 as value_minor, false as has_objected from marts.account_cadence"
    )


def _in_a_process(step: str, folder: Path, asked: argparse.Namespace) -> dict[str, Any]:
    sizes = ["--accounts", str(asked.accounts), "--panel-rows", str(asked.panel_rows)]
    command = [sys.executable, "-m", "benchmarks.scoring", "--step", step, "--scratch", str(folder), *sizes]
    ended = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    told: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    return told


def _settings(folder: Path) -> Settings:
    return read_company(CONFIG, environment={}, data_dir=folder / "data")


def _training(settings: Settings) -> TrainingSettings:
    churn = settings.churn
    return TrainingSettings(churn.horizon_days, churn.min_leavers, churn.min_history_days)


def _told(name: str, rows: int, ours: float, floor: float) -> dict[str, Any]:
    return {"name": name, "rows": rows, "ours": ours, "floor": floor, "peak_gib": _peak_gib()}


def _peak_gib() -> float:
    return float(np.round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2, 3))


if __name__ == "__main__":
    main()
