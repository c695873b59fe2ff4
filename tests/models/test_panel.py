"""Nothing from after a cut-off may reach what is learned for it."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import LeakError, PanelError
from models.model import RiskModel, TooLittleData, TrainingSettings
from models.panel import check_windows, split_in_time
from models.train import train
from tests.models.simulated_panel import SHOP_LACKS, simulated_panel

AS_OF = date(2026, 6, 30)
SETTINGS = TrainingSettings(horizon_days=60)


def test_a_planted_future_column_is_refused_by_name() -> None:
    panel = simulated_panel(50, AS_OF).with_columns(orders_next_60=pl.lit(0))
    with pytest.raises(LeakError, match="orders_next_60"):
        train(panel, as_of=AS_OF, settings=SETTINGS)


def test_a_missing_column_is_named() -> None:
    with pytest.raises(PanelError, match="silence_ratio"):
        train(simulated_panel(50, AS_OF).drop("silence_ratio"), as_of=AS_OF, settings=SETTINGS)


def test_an_outcome_whose_window_is_not_over_is_refused() -> None:
    with pytest.raises(LeakError, match="can't be known yet"):
        train(simulated_panel(50, AS_OF), as_of=AS_OF - timedelta(days=1), settings=SETTINGS)


def test_features_of_another_day_than_the_cutoff_are_refused() -> None:
    panel = simulated_panel(50, AS_OF).with_columns(as_of=pl.col("as_of") + timedelta(days=7))
    with pytest.raises(LeakError, match="as_of is not their cutoff"):
        train(panel, as_of=AS_OF, settings=SETTINGS)


def test_two_rows_of_one_account_at_one_cutoff_are_refused() -> None:
    panel = simulated_panel(50, AS_OF, cutoffs=2)
    with pytest.raises(PanelError, match="grain"):
        train(pl.concat([panel, panel.head(1)]), as_of=AS_OF, settings=SETTINGS)


def test_training_windows_that_cross_the_later_cutoff_are_an_error() -> None:
    check_windows((date(2026, 1, 1),), date(2026, 3, 2), 60)
    with pytest.raises(LeakError, match="2026-01-02"):
        check_windows((date(2026, 1, 1), date(2026, 1, 2)), date(2026, 3, 2), 60)


@given(
    offsets=st.lists(st.integers(0, 700), min_size=1, max_size=25),
    horizon=st.integers(1, 120),
)
def test_no_split_learns_across_a_label_window(offsets: list[int], horizon: int) -> None:
    cutoffs = [AS_OF - timedelta(days=offset) for offset in offsets]
    split = split_in_time(cutoffs, horizon)
    if split is not None:
        assert max(split.fit) + timedelta(days=horizon) <= min(split.calibrate)
        assert set(split.fit) | set(split.calibrate) <= set(cutoffs)


def test_rows_without_an_outcome_change_nothing() -> None:
    panel = simulated_panel(400, AS_OF)
    newest = panel.filter(pl.col("cutoff") == panel["cutoff"].max())
    open_rows = newest.with_columns(
        cutoff=pl.lit(AS_OF), as_of=pl.lit(AS_OF), left_in_horizon=pl.lit(None, dtype=pl.Boolean)
    )
    with_open = pl.concat([panel, open_rows.select(panel.columns)])
    ours, theirs = (train(frame, as_of=AS_OF, settings=SETTINGS) for frame in (panel, with_open))
    assert isinstance(ours, RiskModel)
    assert isinstance(theirs, RiskModel)
    assert ours.card == theirs.card


def test_what_a_shop_does_not_have_is_left_out_and_noted() -> None:
    shop = simulated_panel(400, AS_OF).with_columns(pl.lit(None, dtype=pl.Float64).alias(name) for name in SHOP_LACKS)
    model = train(shop, as_of=AS_OF, settings=SETTINGS)
    assert isinstance(model, RiskModel)
    assert not set(model.card.features) & set(SHOP_LACKS)
    assert "seats" in model.card.notes[0]


@pytest.mark.parametrize(
    ("panel", "missing"),
    [
        (simulated_panel(20, AS_OF), "50 are needed"),
        (simulated_panel(300, AS_OF, cutoffs=2), "at least 60 days apart"),
        (simulated_panel(1, AS_OF).clear(), "no past day has an outcome yet"),
    ],
)
def test_too_little_data_says_what_is_missing(panel: pl.DataFrame, missing: str) -> None:
    learned = train(panel, as_of=AS_OF, settings=SETTINGS)
    assert isinstance(learned, TooLittleData)
    assert any(missing in line for line in learned.missing)
