"""The figures that judge us must be right themselves."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from benchmarks.planted import cause_table, macro_recall, rank_auc, ranking
from models.measure import calibration_error, lift


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=2, max_size=40))
def test_auc_counts_ties_a_half_as_scikit_learn_does(rows: list[tuple[int, bool]]) -> None:
    score, left = np.array([float(s) for s, _ in rows]), np.array([flag for _, flag in rows])
    if 0 < left.sum() < len(left):
        assert rank_auc(score, left) == pytest.approx(roc_auc_score(left, score))


def test_lift_counts_ties_at_the_edge_with_their_mean() -> None:
    left = np.array([True] * 2 + [False] * 18)
    assert lift(np.zeros(20), left) == pytest.approx(1.0)
    assert lift(np.arange(20.0)[::-1], left) == pytest.approx(10.0)


def test_calibration_error_of_a_constant_forecast_is_its_distance_from_the_rate() -> None:
    left = np.tile([True, False], 50)
    assert calibration_error(np.full(100, 0.7), left) == pytest.approx(0.2)


def test_the_interval_holds_chance_for_a_score_that_knows_nothing() -> None:
    rng = np.random.default_rng(1)
    auc, lifted = ranking([(rng.random(2000), rng.random(2000) < 0.1)])
    assert auc.low < 0.5 < auc.high
    assert lifted.low < 1 < lifted.high


def test_a_cause_counts_when_a_sign_that_stands_for_it_is_first_or_second() -> None:
    def signs(*codes: str) -> str:
        return json.dumps([{"code": code} for code in codes])

    leavers = pl.DataFrame(
        {
            "cause": ["price", "price", "price", "fading_use"],
            "signs": [
                signs("price_rise", "quiet"),
                signs("quiet", "smaller_plan"),
                signs("quiet", "support", "price_rise"),
                signs(),
            ],
            "is_flagged": [True, True, False, False],
        }
    )
    fading, price = cause_table(leavers)
    assert (price.n, price.flagged) == (3, 2)
    assert (price.among_first, price.among_first_two) == pytest.approx((1 / 3, 2 / 3))
    assert price.among_first_two_of_flagged == 1
    assert fading.among_first_two == 0
    assert macro_recall([fading, price], leavers).value == pytest.approx(1 / 3)
