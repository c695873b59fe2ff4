"""Features by the horizon: of each row's own columns, of no later day, the same in training and at night."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy.special import expit

from models import registry
from models.bg_nbd import BgNbd
from models.choice import choose_at_origins, horizon_before
from models.features import HORIZON_NAMES, usable_features
from models.fit import fit_members
from models.horizon import Horizon, inputs, learn_horizon, with_horizon
from models.learner import Rows, origins_of
from models.model import RiskModel, TrainingSettings
from models.panel import labelled
from models.predict import checked, predict
from models.reasons import signs_of
from models.train import train
from models.usual import put_back, season_adjusted
from tests.models.simulated_panel import simulated_panel, tonight

AS_OF = date(2026, 6, 30)
SAY_NOTHING = ("seats", "mrr_minor")
RHYTHM = Horizon(60, BgNbd(0.8, 6.0, 0.4, 3.0))


@pytest.fixture(scope="module")
def rows() -> pl.DataFrame:
    return season_adjusted(labelled(simulated_panel(70, AS_OF)))


@pytest.fixture(scope="module")
def many() -> pl.DataFrame:
    """Accounts enough for held-out days: each needs 30 that left."""
    return season_adjusted(labelled(simulated_panel(400, AS_OF)))


@pytest.fixture(scope="module")
def reading(rows: pl.DataFrame) -> RiskModel:
    """A model that reads the horizon's features, whatever a proof says of them."""
    learned = train(simulated_panel(70, AS_OF), as_of=AS_OF, settings=TrainingSettings(60))
    assert isinstance(learned, RiskModel)
    names = (*usable_features(rows)[0], *HORIZON_NAMES)
    horizon = learn_horizon(rows, 60)
    members = fit_members(inputs(rows, names, horizon), rows["left_in_horizon"].to_numpy(), ("logistic",))
    card = replace(learned.card, features=names, learned_by=("logistic",))
    return replace(learned, card=card, members=members, horizon=horizon)


def test_rows_of_later_days_change_neither_rhythm_nor_features(rows: pl.DataFrame) -> None:
    cutoffs = rows["cutoff"].unique().sort()
    day, known = cutoffs.to_physical()[-1], cutoffs.to_physical() <= cutoffs.to_physical()[-1] - 60
    earlier = rows.filter(pl.col("cutoff").is_in(cutoffs.filter(known).implode()))
    whole, cut = (horizon_before(frame, day, 60) for frame in (rows, earlier))
    assert earlier.height < rows.height
    assert whole is not None and whole == cut
    shown = with_horizon(rows, whole).select("cutoff", *HORIZON_NAMES)
    assert shown.head(earlier.height).equals(with_horizon(earlier, whole).select("cutoff", *HORIZON_NAMES))
    assert learn_horizon(rows, 60) != whole  # it does read the rows it may read


def test_the_rhythm_is_learned_without_an_outcome(rows: pl.DataFrame) -> None:
    turned = rows.with_columns(~pl.col("left_in_horizon"))
    assert learn_horizon(rows, 60) == learn_horizon(turned, 60)


def test_longer_silence_at_the_same_count_makes_no_active_day_likelier(rows: pl.DataFrame) -> None:
    same = rows.head(1).with_columns(active_days_total=pl.lit(40.0), tenure_days=pl.lit(200.0))
    silent = pl.concat([same.with_columns(silent_working_days=pl.lit(float(days))) for days in (1, 10, 40, 120)])
    chances = with_horizon(silent, RHYTHM)["no_active_day_log_odds"]
    assert chances.is_sorted() and chances.n_unique() == 4


def test_usage_put_back_takes_the_horizon_features_with_it(rows: pl.DataFrame) -> None:
    quiet = rows.filter(pl.col("silent_working_days") > 3 * pl.col("usual_gap_working_days"))
    before, after = (with_horizon(frame, RHYTHM) for frame in (quiet, put_back(quiet, ("usage",), {})))
    assert quiet.height > 10
    assert (after["no_active_day_log_odds"] < before["no_active_day_log_odds"]).all()


def test_an_account_that_never_was_active_has_a_chance_like_any_other(rows: pl.DataFrame) -> None:
    never = rows.head(3).with_columns(
        active_days_total=pl.lit(0.0), silent_working_days=pl.lit(None, dtype=pl.Float64), tenure_days=pl.lit(90.0)
    )
    assert np.isfinite(inputs(never, HORIZON_NAMES, RHYTHM)[:, 0]).all()


def test_a_model_that_reads_them_scores_and_explains_the_same_after_loading(reading: RiskModel, tmp_path: Path) -> None:
    registry.register(tmp_path, reading)
    loaded, (cadence, _) = registry.load(tmp_path, reading.card.model_id), tonight(200, AS_OF)
    assert loaded.horizon == reading.horizon
    assert predict(loaded, cadence).equals(predict(reading, cadence))
    assert signs_of(loaded, cadence) == signs_of(reading, cadence)


def test_the_night_reads_an_account_as_training_did(reading: RiskModel) -> None:
    cadence, _ = tonight(100, AS_OF)
    at_night = season_adjusted(checked(cadence))
    as_panel = cadence.with_columns(left_in_horizon=pl.lit(value=True), cutoff=pl.lit(AS_OF))
    in_training = season_adjusted(labelled(as_panel))
    both = [inputs(frame, reading.card.features, reading.horizon) for frame in (at_night, in_training)]
    assert np.array_equal(both[0], both[1], equal_nan=True)


def test_features_that_prove_nothing_are_left_out(many: pl.DataFrame) -> None:
    dealt = many.with_columns(left_in_horizon=many["left_in_horizon"].sample(fraction=1, shuffle=True, seed=3))
    assert_there_are_held_out_days(dealt)
    choice = choose_at_origins(dealt, SAY_NOTHING, 60)
    assert (choice.names, choice.horizon) == (SAY_NOTHING, None)


def test_features_that_prove_themselves_at_held_out_days_are_read(many: pl.DataFrame) -> None:
    odds = with_horizon(many, RHYTHM)["no_active_day_log_odds"].to_numpy()
    left = np.random.default_rng(4).random(many.height) < expit(odds + 3)  # most chances are near 1 %: too few leave
    told = many.with_columns(left_in_horizon=pl.Series(left))
    assert_there_are_held_out_days(told)
    choice = choose_at_origins(told, SAY_NOTHING, 60)
    assert choice.names == (*SAY_NOTHING, *HORIZON_NAMES)
    assert choice.horizon == learn_horizon(told, 60)
    assert choose_at_origins(told, SAY_NOTHING, 60) == choice


def assert_there_are_held_out_days(rows: pl.DataFrame) -> None:
    """Without one the features are left out unasked, and nothing is proved either way."""
    left, days = rows["left_in_horizon"].to_numpy(), rows["cutoff"].to_physical().to_numpy()
    accounts = rows["account_id"].to_numpy().astype(str)
    assert origins_of(Rows(np.zeros((rows.height, 1)), np.zeros(rows.height), left, days, accounts), 60)
