"""Drift is told where the world has moved, with the worst first, and ordinary nights stay quiet."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from math import log

import numpy as np
import polars as pl
import pytest

from models.drift import (
    LARGE_SHIFT,
    Reference,
    input_jumps,
    input_shifts,
    outcomes_of,
    reference_from,
    reference_of,
    score_jump,
    score_shift,
    stability_index,
)
from models.model import RiskModel, TrainingSettings
from models.panel import labelled
from models.predict import checked, raw_scores
from models.train import train
from models.usual import season_adjusted
from stillhere.scoring.doubts import ODDS_MOVED, EarlierNight, doubts_about, odds_ratio
from tests.models.simulated_panel import simulated_panel, tonight

AS_OF = date(2026, 6, 30)
SETTINGS = TrainingSettings(horizon_days=60)
ACCOUNTS = 400
NOBODY = simulated_panel(3, AS_OF, cutoffs=1).clear()


@pytest.fixture(scope="module")
def model() -> RiskModel:
    learned = train(simulated_panel(ACCOUNTS, AS_OF), as_of=AS_OF, settings=SETTINGS)
    assert isinstance(learned, RiskModel)
    return learned


@pytest.fixture(scope="module")
def reference(model: RiskModel) -> Reference:
    return reference_of(model, labelled(simulated_panel(ACCOUNTS, AS_OF)))


def cadence(day: date, accounts: int = ACCOUNTS) -> pl.DataFrame:
    return tonight(accounts, day)[0]


def half_lost(frame: pl.DataFrame) -> pl.DataFrame:
    """Every other account looks as it would if its use had not come in for two weeks."""
    lost = pl.int_range(pl.len()) % 2 == 0
    fewer = {
        name: pl.when(lost).then(pl.col(name) // 2).otherwise(name)
        for name in ("active_days_28", "events_28", "people_active_28", "kinds_28")
    }
    longer = {
        name: pl.when(lost).then(pl.col(name) + 14).otherwise(name) for name in ("days_silent", "silent_working_days")
    }
    return frame.with_columns(**fewer, **longer).with_columns(
        silence_ratio=pl.col("silent_working_days") / pl.col("usual_gap_working_days"),
        overdue_working_days=pl.col("silent_working_days") - pl.col("usual_gap_working_days"),
    )


def scores_of(model: RiskModel, frame: pl.DataFrame) -> np.ndarray:
    return raw_scores(model, season_adjusted(checked(frame)))


def test_the_index_is_the_sum_over_bins_of_the_difference_times_the_log_of_the_ratio() -> None:
    one, other = np.array([200_000, 800_000]), np.array([500_000, 500_000])
    by_hand = (0.2 - 0.5) * log(0.2 / 0.5) + (0.8 - 0.5) * log(0.8 / 0.5)
    assert stability_index(one, other) == pytest.approx(by_hand, abs=1e-5)
    assert stability_index(one, one) == 0


def test_a_reference_comes_back_from_its_file_as_it_was(reference: Reference) -> None:
    assert reference_from(reference.as_json()) == reference


def test_a_month_of_ordinary_nights_raises_no_doubt_that_holds(model: RiskModel, reference: Reference) -> None:
    before = EarlierNight(AS_OF, cadence(AS_OF))
    for day in (AS_OF + timedelta(days=n) for n in range(1, 29)):
        frame = cadence(day)
        doubts, results = doubts_about(model, reference, frame, NOBODY, before)
        assert [doubt for doubt in doubts if doubt.holds] == []
        assert len(results) > 2 * len(model.card.features)
        before = EarlierNight(day, frame)


def test_half_a_lost_source_is_seen_overnight_and_its_features_are_named_worst_first(
    model: RiskModel, reference: Reference
) -> None:
    day = AS_OF + timedelta(days=1)
    before = EarlierNight(AS_OF, cadence(AS_OF))
    doubts, results = doubts_about(model, reference, half_lost(cadence(day)), NOBODY, before)
    jumped = next(doubt for doubt in doubts if "jumped" in doubt.words)
    assert jumped.holds
    assert {"silent_working_days", "active_days_28"} <= set(jumped.features)
    assert "as they do when a source breaks: " in jumped.words
    assert any(doubt.rule == "model_scores" and doubt.holds for doubt in doubts)
    jumps = input_jumps(reference, half_lost(cadence(day)), before.cadence)
    assert [one.limit - one.index for one in jumps] == sorted(one.limit - one.index for one in jumps)
    assert all(result.severity == "warn" for result in results)


def test_one_input_that_ages_is_told_and_holds_nothing(model: RiskModel, reference: Reference) -> None:
    frame = cadence(AS_OF).with_columns(seats=pl.col("seats") + 20)
    doubts, _ = doubts_about(model, reference, frame, NOBODY, None)
    [aged] = [doubt for doubt in doubts if doubt.rule == "model_inputs"]
    assert (aged.holds, aged.features) == (False, ("seats",))
    assert aged.words.startswith(f"1 of {len(model.card.features)} inputs are not as the model learned them: seats ")


def test_scores_that_change_places_while_as_many_are_expected_to_leave_hold_nothing() -> None:
    assert odds_ratio(0.518, 0.544) < ODDS_MOVED < odds_ratio(0.08, 0.05)
    assert odds_ratio(0.05, 0.08) == odds_ratio(0.08, 0.05)
    assert odds_ratio(0.0, 0.0) == 1


def test_a_night_in_which_most_inputs_are_others_is_held(model: RiskModel, reference: Reference) -> None:
    numbers = [name for name in model.card.features if name in cadence(AS_OF).columns and name != "tenure_days"]
    frame = cadence(AS_OF).with_columns(pl.col(name).cast(pl.Float64) + 1000 for name in numbers)
    doubts, _ = doubts_about(model, reference, frame, NOBODY, None)
    assert any(doubt.rule == "model_inputs" and doubt.holds for doubt in doubts)


def test_what_moved_as_far_in_the_past_is_no_news(model: RiskModel) -> None:
    panel = labelled(simulated_panel(ACCOUNTS, AS_OF))
    first = panel["cutoff"].min()
    moved = panel.with_columns(seats=pl.when(pl.col("cutoff") == first).then(pl.col("seats") + 20).otherwise("seats"))
    tonights = cadence(AS_OF).with_columns(seats=pl.col("seats") + 20)
    [seats] = [one for one in input_shifts(reference_of(model, moved), tonights) if one.name == "seats"]
    assert seats.index > LARGE_SHIFT
    assert not seats.is_large


def test_a_base_too_small_to_tell_raises_no_alarm(model: RiskModel, reference: Reference) -> None:
    few = half_lost(cadence(AS_OF, 40))
    assert input_shifts(reference, few) == []
    assert input_jumps(reference, few, cadence(AS_OF)) == []
    assert score_shift(reference, scores_of(model, few)) is None
    assert score_jump(reference, scores_of(model, few), scores_of(model, cadence(AS_OF))) is None


def test_outcomes_after_the_training_are_held_against_what_the_model_said(
    model: RiskModel, reference: Reference
) -> None:
    later = AS_OF + timedelta(days=124)
    after = labelled(simulated_panel(ACCOUNTS, later, cutoffs=3))
    outcomes = outcomes_of(model, after)
    assert outcomes is not None
    assert (outcomes.days, outcomes.accounts) == (3, 3 * ACCOUNTS)
    assert outcomes.low < outcomes.seen < outcomes.high
    assert not outcomes.is_off
    doubled = after.with_columns(left_in_horizon=pl.col("left_in_horizon") | (pl.int_range(pl.len()) % 10 == 0))
    worse = outcomes_of(model, doubled)
    assert worse is not None and worse.is_off
    doubts, _ = doubts_about(
        model, reference_of(model, labelled(simulated_panel(ACCOUNTS, AS_OF))), cadence(later), doubled, None
    )
    [held] = [doubt for doubt in doubts if doubt.rule == "model_outcomes"]
    assert held.holds
    assert f"to leave, and {worse.seen} did" in held.words


def test_what_past_days_drifted_by_is_no_news_of_an_outcome(model: RiskModel) -> None:
    after = labelled(simulated_panel(ACCOUNTS, AS_OF + timedelta(days=124), cutoffs=3))
    steady, moved = (
        outcomes_of(replace(model, card=replace(model.card, drift=drift, drift_days=6)), after) for drift in (0.0, 1.5)
    )
    assert steady is not None and moved is not None
    doubled = 2 * int(steady.expected)
    assert replace(steady, seen=doubled).is_off
    assert not replace(moved, seen=doubled).is_off


def test_before_any_day_after_the_training_has_an_outcome_nothing_is_said(model: RiskModel) -> None:
    assert outcomes_of(model, labelled(simulated_panel(ACCOUNTS, AS_OF))) is None
