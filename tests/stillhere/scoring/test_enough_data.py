"""Too little data comes with a day on which it will be enough, or with why none can be named."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from models.model import RiskModel
from models.train import train
from stillhere.company_folder import read_company
from stillhere.scoring.champion import training_settings
from stillhere.scoring.enough_data import when_enough
from stillhere.settings import Settings
from tests.e2e.household import REPOSITORY
from tests.models.simulated_panel import simulated_panel, tonight

AS_OF = date(2026, 6, 30)
DAYS = 56
"""A horizon of whole weeks, so that the simulated cut-offs are those that a night would choose."""
DAY = r"(\d{4}-\d\d-\d\d)"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    read = read_company(REPOSITORY / "config", environment={}, data_dir=tmp_path)
    return replace(read, churn=read.churn.model_copy(update={"horizon_days": DAYS}))


def young(accounts: int, day: date, first_day: date) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Panel and cadence of a company whose record begins on `first_day`."""
    cutoffs = ((day - timedelta(days=DAYS)) - first_day).days // 28 + 1
    panel = simulated_panel(accounts, day, cutoffs=min(max(cutoffs, 1), 16), horizon=DAYS)
    cadence = tonight(accounts, day)[0].with_columns(tenure_days=pl.lit((day - first_day).days))
    return panel, cadence


def steady(panel: pl.DataFrame) -> pl.DataFrame:
    """One account in fifteen leaves at every cut-off, each time others."""
    turn = pl.col("cutoff").rank("dense").cast(pl.Int64)
    return panel.with_columns(left_in_horizon=pl.col("account_id").str.slice(1).cast(pl.Int64) % 15 == turn % 15)


def can_learn(accounts: int, day: date, first_day: date, settings: Settings) -> bool:
    panel = steady(young(accounts, day, first_day)[0])
    return isinstance(train(panel, as_of=day, settings=training_settings(settings)), RiskModel)


def test_on_the_named_day_and_not_before_a_model_can_be_learned(settings: Settings) -> None:
    first_day, accounts = AS_OF - timedelta(days=200), 120
    panel, cadence = young(accounts, AS_OF, first_day)
    said = when_enough(steady(panel), cadence, settings, AS_OF)
    match = re.fullmatch(rf"enough about {DAY} \({DAY} to {DAY}\) if the pace stays \(8.0 leavers .*\)", said)
    assert match, said
    about, soonest, latest = (date.fromisoformat(day) for day in match.groups())
    assert AS_OF < soonest <= about <= latest
    days = (AS_OF + timedelta(weeks=week) for week in range(60))
    assert next(day for day in days if can_learn(accounts, day, first_day, settings)) == about


def test_where_nobody_has_left_no_day_can_be_named(settings: Settings) -> None:
    panel, cadence = young(50, AS_OF, AS_OF - timedelta(days=200))
    stayed = panel.with_columns(left_in_horizon=pl.lit(value=False))
    assert when_enough(stayed, cadence, settings, AS_OF) == "when that is enough cannot be said: nobody has left so far"


def test_before_the_first_outcome_its_day_is_named(settings: Settings) -> None:
    _, cadence = young(50, AS_OF, AS_OF - timedelta(days=20))
    nothing = simulated_panel(1, AS_OF, cutoffs=1).clear()
    said = when_enough(nothing, cadence, settings, AS_OF)
    assert said.endswith(f"before the first outcome is known, about {AS_OF + timedelta(days=DAYS - 20)}")
    assert "no account with activity yet" in when_enough(nothing, cadence.clear(), settings, AS_OF)


def test_a_base_too_small_for_ever_is_told_so(settings: Settings) -> None:
    panel, cadence = young(20, AS_OF, AS_OF - timedelta(days=900))
    said = when_enough(panel, cadence, settings, AS_OF)
    assert "that is never enough: 16 past days are read" in said


def test_a_history_that_is_too_short_alone_waits_for_its_days(settings: Settings) -> None:
    longer = replace(settings, churn=settings.churn.model_copy(update={"min_history_days": 1000}))
    panel, cadence = young(400, AS_OF, AS_OF - timedelta(days=800))
    said = when_enough(panel, cadence, longer, AS_OF)
    expected = next(day for week in range(60) if ((day := AS_OF + timedelta(weeks=week)) - AS_OF).days + 800 >= 1000)
    assert f"enough about {expected}" in said
