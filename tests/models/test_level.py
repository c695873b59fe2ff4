"""Levels, counts with their interval, and the blend's choice of members, on planted forecasts."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit, logit

from models.bg_nbd import BgNbd, Histories, fit_bg_nbd
from models.learner import Origin, choose
from models.level import Forecasts, Level, learn_level


def origins(shifts: list[float], *, slope: float = 1.0, n: int = 4000, every: int = 30) -> list[Forecasts]:
    """Forecasts whose truth is `slope` times the score plus a shift of the cut-off's own."""
    random = np.random.default_rng(5)
    told = []
    for at, shift in enumerate(shifts):
        scores = random.normal(-1.0, 1.0, n)
        told.append(Forecasts(at * every, scores, random.random(n) < expit(slope * scores + shift)))
    return told


def test_a_level_that_moves_to_and_fro_is_left_where_it_was() -> None:
    level = learn_level(origins([0.4, -0.4, 0.3, -0.35]), 30)
    assert abs(level.shift) < 0.1
    assert level.drift == pytest.approx(0.36, abs=0.08)


def test_a_level_that_moved_for_good_is_moved() -> None:
    level = learn_level(origins([0.5, 0.55, 0.45, 0.5]), 30)
    assert level.shift == pytest.approx(0.5, abs=0.1)
    assert level.drift < 0.15


def test_origins_that_share_their_outcomes_prove_no_move() -> None:
    assert abs(learn_level(origins([0.5, 0.55, 0.45, 0.5], every=3), 30).shift) < 0.05


def test_overconfident_scores_are_drawn_together_about_their_own_level() -> None:
    told = origins([-0.5, -0.5, -0.5], slope=0.5)  # the mean chance is the same as the scores' own, nearly
    level = learn_level(told, 30)
    assert level.slope == pytest.approx(0.5, abs=0.06)


def test_counts_fall_into_their_interval_as_often_as_it_says() -> None:
    """The level of each month is drawn with the drift that the level states: about 95 of 100 counts must be inside."""
    random = np.random.default_rng(7)
    level = Level(1.0, 0.0, drift=0.2, origins=400)
    scores = random.normal(-1.5, 1.0, 1500)
    low, high = level.count_interval(level.chances(scores))
    counts = [(random.random(1500) < expit(scores + random.normal(0, 0.2))).sum() for _ in range(1000)]
    assert 0.93 <= np.mean([low <= count <= high for count in counts]) <= 0.975


def test_a_member_joins_only_where_it_betters_the_blend() -> None:
    random = np.random.default_rng(2)
    tried = []
    for cutoff in (0, 30, 60):
        first, second = random.normal(0, 1, (2, 3000))
        outcome = random.random(3000) < expit(first + second)
        accounts = np.array([str(at) for at in range(3000)])
        scores = {"boosting": first, "logistic": second, "rhythm": random.normal(0, 1, 3000)}
        tried.append(Origin(cutoff, scores, outcome, accounts))
    assert choose(tried, ("boosting", "logistic")) == ("boosting", "logistic")


def test_bg_nbd_finds_the_parameters_that_made_the_data() -> None:
    seen, came = simulated(BgNbd(0.8, 20.0, 0.8, 2.5), accounts=30_000, days=360, horizon_days=60)
    fitted = fit_bg_nbd(seen)
    assert (fitted.r, fitted.alpha) == pytest.approx((0.8, 20.0), rel=0.1)
    assert fitted.a / (fitted.a + fitted.b) == pytest.approx(0.8 / 3.3, rel=0.15)
    chance = fitted.no_event(seen, 60)
    assert chance.mean() == pytest.approx((~came).mean(), abs=0.01)
    riskiest = chance > np.quantile(chance, 0.8)
    assert chance[riskiest].mean() == pytest.approx((~came[riskiest]).mean(), abs=0.02)


def test_bg_nbd_gives_the_worked_figure() -> None:
    """r=1, alpha=10, a=1, b=2; 1 repeat at day 10 of 20: alive 1/(1+(30/20)^2*1/2)=8/17, silent if alive (30/40)^2."""
    seen = Histories(np.array([1.0]), np.array([10.0]), np.array([20.0]))
    model = BgNbd(1.0, 10.0, 1.0, 2.0)
    assert model.log_odds_alive(seen)[0] == pytest.approx(logit(8 / 17))
    assert model.no_event(seen, 10)[0] == pytest.approx(1 - 8 / 17 * (1 - 0.75**2))


def simulated(model: BgNbd, *, accounts: int, days: int, horizon_days: int) -> tuple[Histories, np.ndarray]:
    """Histories up to a day and whether an event came in the horizon after it, drawn as BG/NBD says."""
    random = np.random.default_rng(11)
    rate = random.gamma(model.r, 1 / model.alpha, accounts)
    leaves = random.beta(model.a, model.b, accounts)
    repeats, last, came = np.zeros(accounts), np.zeros(accounts), np.zeros(accounts, dtype=bool)
    now, alive = np.zeros(accounts), np.ones(accounts, dtype=bool)
    while alive.any():
        now = np.where(alive, now + random.exponential(1 / rate), np.inf)
        seen = alive & (now <= days)
        repeats, last = repeats + seen, np.where(seen, now, last)
        came |= alive & (now > days) & (now <= days + horizon_days)
        alive = seen & (random.random(accounts) >= leaves)
    return Histories(repeats, last, np.full(accounts, float(days))), came
