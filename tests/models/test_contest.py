"""A challenger takes over only when it knows more at days that neither model has learned from."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import polars as pl
import pytest

from models.contest import LEAST_LEAVERS, Contest, compare, contest_from, days_unseen_by_both
from models.model import RiskModel, TrainingSettings
from models.panel import labelled
from models.train import train
from tests.models.simulated_panel import simulated_panel

AS_OF = date(2026, 6, 30)
WEEK = timedelta(days=7)
SETTINGS = TrainingSettings(horizon_days=60)
ACCOUNTS = 250  # few enough leavers that the quick learner is used, enough to compare on


def learned(panel: pl.DataFrame, as_of: date) -> RiskModel:
    model = train(panel, as_of=as_of, settings=SETTINGS)
    assert isinstance(model, RiskModel)
    return model


def with_dealt_out_labels(panel: pl.DataFrame) -> pl.DataFrame:
    """The same panel with its outcomes dealt out by chance: as many leavers, and nothing to learn."""
    dealt = panel["left_in_horizon"].sample(fraction=1.0, shuffle=True, seed=5)
    return panel.with_columns(left_in_horizon=dealt)


@pytest.fixture(scope="module")
def panel() -> pl.DataFrame:
    return simulated_panel(ACCOUNTS, AS_OF)


@pytest.fixture(scope="module")
def challenger(panel: pl.DataFrame) -> RiskModel:
    return learned(panel, AS_OF)


@pytest.fixture(scope="module")
def ignorant() -> RiskModel:
    return learned(with_dealt_out_labels(simulated_panel(ACCOUNTS, AS_OF - WEEK)), AS_OF - WEEK)


def test_a_challenger_that_knows_more_takes_over(
    panel: pl.DataFrame, challenger: RiskModel, ignorant: RiskModel
) -> None:
    contest = compare(challenger, ignorant, labelled(panel))
    assert (contest.verdict, contest.takes_over) == ("better", True)
    assert contest.high is not None and contest.high < 0
    assert contest.challenger_auc is not None and contest.champion_auc is not None
    assert contest.challenger_auc > contest.champion_auc + 0.1
    assert contest.words.startswith("takes over: better than the model in use beyond noise")


def test_a_challenger_that_knows_less_stays_out(
    panel: pl.DataFrame, challenger: RiskModel, ignorant: RiskModel
) -> None:
    days = {"calibration_cutoffs": challenger.card.calibration_cutoffs, "fit_cutoffs": challenger.card.fit_cutoffs}
    contest = compare(replace(ignorant, card=replace(ignorant.card, **days)), challenger, labelled(panel))
    assert (contest.verdict, contest.takes_over) == ("not_better", False)
    assert contest.words.startswith("stays out: worse than the model in use")


def test_one_more_week_of_the_same_world_is_no_reason_to_change(panel: pl.DataFrame, challenger: RiskModel) -> None:
    last_week = learned(simulated_panel(ACCOUNTS, AS_OF - WEEK), AS_OF - WEEK)
    contest = compare(challenger, last_week, labelled(panel))
    assert (contest.verdict, contest.takes_over) == ("not_better", False)
    assert contest.low is not None and contest.high is not None and contest.difference is not None
    assert contest.low < contest.difference < contest.high


def test_a_model_is_never_better_than_itself(panel: pl.DataFrame, challenger: RiskModel) -> None:
    contest = compare(challenger, challenger, labelled(panel))
    assert (contest.difference, contest.low, contest.high, contest.takes_over) == (0, 0, 0, False)


def test_only_days_after_every_window_that_either_was_fitted_on_count(challenger: RiskModel) -> None:
    card, [first, *later] = challenger.card, challenger.card.calibration_cutoffs
    late = replace(card, fit_cutoffs=(*card.fit_cutoffs, first - timedelta(days=card.horizon_days - 1)))
    assert days_unseen_by_both(card, card) == card.calibration_cutoffs
    assert days_unseen_by_both(card, late) == tuple(later)


def test_without_a_common_later_day_it_cannot_tell_yet(panel: pl.DataFrame, challenger: RiskModel) -> None:
    reads_all = replace(challenger.card, fit_cutoffs=(*challenger.card.fit_cutoffs, AS_OF))
    contest = compare(challenger, replace(challenger, card=reads_all), labelled(panel))
    assert (contest.verdict, contest.takes_over, contest.cutoffs) == ("cannot_tell", False, ())
    assert (
        contest.words
        == "stays out, for it cannot be told yet: no day yet at which neither model has learned from an outcome"
    )


def test_a_handful_of_leavers_cannot_tell_yet(panel: pl.DataFrame, challenger: RiskModel) -> None:
    among_leavers = pl.int_range(pl.len()).over("cutoff", "left_in_horizon")
    few = labelled(panel).filter(~pl.col("left_in_horizon") | (among_leavers < 5))
    contest = compare(challenger, challenger, few)
    assert (contest.verdict, contest.takes_over) == ("cannot_tell", False)
    assert "only 15 accounts of one outcome" in contest.words
    assert f"{LEAST_LEAVERS} are needed" in contest.words


def test_a_challenger_with_twice_the_leavers_takes_over_unless_it_is_worse(
    panel: pl.DataFrame, challenger: RiskModel
) -> None:
    young = replace(challenger, card=replace(challenger.card, leavers=challenger.card.leavers // 2))
    contest = compare(challenger, young, labelled(panel))
    assert (contest.verdict, contest.takes_over) == ("grown", True)
    assert "at least 2 times the leavers" in contest.words


def test_a_contest_comes_back_from_its_file_as_it_was(panel: pl.DataFrame, challenger: RiskModel) -> None:
    contest = compare(challenger, challenger, labelled(panel))
    assert contest_from(contest.as_json()) == contest
    assert isinstance(contest, Contest)


def test_the_interval_leaves_out_zero_in_about_one_of_twenty_contests_between_equals() -> None:
    """Two models that differ by chance alone: their predictions are the truth plus noise of their own."""
    import numpy as np

    from models.contest import _interval, _log_losses

    random, outside, contests = np.random.default_rng(3), 0, 200
    accounts = pl.Series([f"a{n}" for n in range(400)] * 3)
    for _ in range(contests):
        chance = np.clip(random.beta(1, 9, 1200), 0.001, 0.999)
        left = random.random(1200) < chance
        noisy = [1 / (1 + np.exp(-(np.log(chance / (1 - chance)) + random.normal(0, 0.4, 1200)))) for _ in range(2)]
        low, high = _interval(_log_losses(noisy[0], left) - _log_losses(noisy[1], left), accounts)
        outside += low > 0 or high < 0
    assert outside <= 0.09 * contests
