"""What the risk model is measured beside, each on the same accounts and from the same events.

Days silent, overdue ratio and BG/NBD are the baselines of `stillhere backtest`. The others read the model's own
features: what they lack is the panel of many past days and the blend, and that is what the comparison is about.
"""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from scipy.special import expit
from sklearn.ensemble import HistGradientBoostingClassifier

from benchmarks.risk_sets import PublicSet
from models.backtest import backtest
from models.bg_nbd import BgNbd
from models.event_log import EventLog, day_number, population
from models.features import Matrix
from models.fit import SEED, Vector, boosting, fit_logistic, logarithms
from models.log_features import features_at, matrix_of, rhythm_of
from models.log_panel import LogPanel, log_panel, past_cutoffs
from models.measure import Outcome

OURS = "Stillhere"
LIGHTGBM = "LightGBM, panel"
NOT_INSTALLED = "not installed; pip install lightgbm into an environment of its own"
BASELINES = {"days_silent": "days silent", "overdue_ratio": "overdue ratio", "bg_nbd": "BG/NBD, no event"}
NAMES = (
    OURS,
    *BASELINES.values(),
    "BG/NBD, 1 - P(alive)",
    "logistic, one cut-off",
    "boosting, one cut-off",
    "boosting as ours, one cut-off",
    LIGHTGBM,
)


@dataclass(slots=True)
class Contestant:
    """One model on one set: chances by cut-off, in the order of the accounts there, and seconds over the cut-offs."""

    name: str
    chances: list[Vector] = field(default_factory=list)
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Field:
    """All models on one set, with the accounts and outcomes that they are judged by, by cut-off."""

    contestants: dict[str, Contestant]
    accounts: list[tuple[str, ...]]
    outcomes: list[Outcome]
    counts_within: int


@dataclass(frozen=True, slots=True)
class Seen:
    """What a peer may learn from, and the population that it is asked of: one panel, and features now."""

    panel: LogPanel
    now: Matrix


def run_field(log: EventLog, told: PublicSet, progress: Callable[[], None]) -> Field:
    """Every model at every cut-off of a set."""
    found = {name: Contestant(name) for name in NAMES if name != LIGHTGBM or has_lightgbm()}
    accounts, outcomes, within = [], [], 0
    for cutoff in told.cutoffs:
        (result,) = backtest(log, [cutoff.day], told.question)
        accounts.append(result.accounts)
        outcomes.append(result.outcome)
        low, high = result.level.count_interval(result.chances)
        within += low <= result.outcome.sum() <= high
        _add(found[OURS], result.chances, result.fit_seconds + result.predict_seconds)
        for name, words in BASELINES.items():
            _add(found[words], result.baselines[name], 0.0)
        progress()
        _run_learners(log, told, day_number(cutoff.day), found)
        progress()
    return Field(found, accounts, outcomes, within)


def has_lightgbm() -> bool:
    """Whether the package is at hand; it is no dependency of Stillhere."""
    return importlib.util.find_spec("lightgbm") is not None


def _add(contestant: Contestant, chances: Vector, seconds: float) -> None:
    contestant.chances.append(chances)
    contestant.seconds += seconds


def _run_learners(log: EventLog, told: PublicSet, day: int, found: dict[str, Contestant]) -> None:
    known = log.until(day)
    rhythm = rhythm_of(known, day, None)
    began = time.perf_counter()
    one = _seen(known, told, day, (day - told.question.horizon_days,), rhythm)
    shared = time.perf_counter() - began
    learners = {
        "logistic, one cut-off": logistic_as_ours,
        "boosting, one cut-off": boosting_as_it_comes,
        "boosting as ours, one cut-off": boosting_as_ours,
    }
    _add(found["BG/NBD, 1 - P(alive)"], 1 - one.now[:, one.panel.names.index("alive_chance")], 0.0)
    for name, learner in learners.items():
        began = time.perf_counter()
        chances = learner(one.panel.features, one.panel.outcome, one.now)
        _add(found[name], chances, shared + time.perf_counter() - began)
    if LIGHTGBM in found:
        began = time.perf_counter()
        many = _seen(known, told, day, past_cutoffs(known, day, told.question), rhythm)
        chances = _lightgbm(many.panel.features, many.panel.outcome, many.now)
        _add(found[LIGHTGBM], chances, time.perf_counter() - began)


def _seen(known: EventLog, told: PublicSet, day: int, cutoffs: tuple[int, ...], rhythm: BgNbd) -> Seen:
    panel = log_panel(known, cutoffs, day, told.question)
    accounts = population(known, day, told.question)
    now = features_at(known, day, told.question, accounts=accounts, rhythm=rhythm)
    return Seen(panel, matrix_of(now, panel.names))


def logistic_as_ours(past: Matrix, left: Outcome, now: Matrix) -> Vector:
    """The product's own: shrunk, over standardised logarithms."""
    columns = ~np.isnan(past).all(axis=0)
    fitted = fit_logistic(past[:, columns], left)
    return np.asarray(expit(fitted.decision_function(logarithms(now[:, columns]))))


def boosting_as_it_comes(past: Matrix, left: Outcome, now: Matrix) -> Vector:
    fitted = HistGradientBoostingClassifier(random_state=SEED).fit(past, left)
    return np.asarray(fitted.predict_proba(now)[:, 1])


def boosting_as_ours(past: Matrix, left: Outcome, now: Matrix) -> Vector:
    """With the product's settings, so that the panel is all that differs from its boosting."""
    return np.asarray(boosting(None).fit(past, left).predict_proba(now)[:, 1])


def _lightgbm(past: Matrix, left: Outcome, now: Matrix) -> Vector:
    """The product's boosting settings in LightGBM's words, with its subsampling of rows; nothing is calibrated."""
    from lightgbm import LGBMClassifier  # a peer of this benchmark only

    unfitted = LGBMClassifier(
        n_estimators=200,
        learning_rate=0.03,
        num_leaves=12,
        min_child_samples=100,
        reg_lambda=5.0,
        colsample_bytree=0.4,
        subsample=0.8,
        subsample_freq=1,
        random_state=SEED,
        n_jobs=1,
        verbose=-1,
    )
    return np.asarray(unfitted.fit(past, left).predict_proba(now)[:, 1])
