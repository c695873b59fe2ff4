"""From the blend's log-odds to chances that mean what they say, and how far a whole group's count may be off.

The level of leaving moves, and mostly moves back: on public logs, carrying the newest level forward made forecasts
worse. So the blend keeps the level of its whole panel, unless later outcomes prove another one; one slope is learned,
about that level. How far past levels were off is the drift that an interval on a group must allow for.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit
from scipy.stats import t as student
from sklearn.linear_model import LogisticRegression

from models.fit import Vector
from models.measure import Outcome

UNSHRUNK = 1e4
FAR = 20.0
LEAST_SLOPE = 0.05
PROVED = 0.975
UNKNOWN_DRIFT = 0.25
"""Log-odds; where fewer than two origins were seen: about what the base rate of a shop moves from season to season."""


@dataclass(frozen=True, slots=True)
class Forecasts:
    """Out-of-time log-odds of one cut-off (a day number) and what came of them."""

    cutoff: int
    scores: Vector
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Level:
    """`chance = expit(slope x score + shift)`; `drift` is the standard deviation of what the shift leaves open."""

    slope: float = 1.0
    shift: float = 0.0
    drift: float = UNKNOWN_DRIFT
    origins: int = 0

    def chances(self, scores: Vector) -> Vector:
        """Chances of leaving."""
        return np.asarray(expit(self.slope * scores + self.shift))

    def count_interval(self, chances: Vector, confidence: float = 0.95) -> tuple[float, float]:
        """How many of a group will leave: an interval that holds chance and drift, cut at none and all.

        The drift is known from few origins, so its share is widened as Student's t says.
        """
        chance = float((chances * (1 - chances)).sum())
        tail = (1 + confidence) / 2
        wide = student.ppf(tail, self.origins) if self.origins else student.ppf(tail, 2)
        half = np.sqrt(student.ppf(tail, np.inf) ** 2 * chance + (wide * self.drift * chance) ** 2)
        middle = float(chances.sum())
        return float(max(middle - half, 0.0)), float(min(middle + half, len(chances)))


def learn_level(origins: list[Forecasts], horizon_days: int) -> Level:
    """The level from forecasts that knew nothing of their outcomes; without any, the members' own."""
    if not origins:
        return Level()
    slope = max(_common_slope(origins), LEAST_SLOPE)
    scores = np.concatenate([origin.scores for origin in origins])
    own = _shift(slope * scores, float(expit(scores).sum()))
    moves = level_moves([replace(origin, scores=slope * origin.scores + own) for origin in origins])
    apart = 1 + (origins[-1].cutoff - origins[0].cutoff) / horizon_days
    moved = _proved(moves, min(apart, len(moves)))
    drift = float(np.sqrt(np.mean((moves - moved) ** 2))) if len(moves) > 1 else UNKNOWN_DRIFT
    return Level(slope, own + moved, drift, len(moves))


def level_moves(origins: list[Forecasts]) -> Vector:
    """What must be added to each origin's log-odds for its chances to add up to the leavers seen."""
    return np.array([_shift(origin.scores, float(origin.outcome.sum())) for origin in origins])


def _proved(moves: Vector, apart: float) -> float:
    """The mean move of the level if it differs from none beyond noise, else 0.

    Origins nearer than a horizon share outcomes: `apart` is how many of them stand for themselves.
    """
    if apart < 2:
        return 0.0
    mean, error = float(moves.mean()), float(moves.std(ddof=1) / np.sqrt(apart))
    return mean if abs(mean) > student.ppf(PROVED, apart - 1) * error else 0.0


def _common_slope(origins: list[Forecasts]) -> float:
    """One slope for all origins, each with a level of its own."""
    scores = np.concatenate([origin.scores for origin in origins])
    outcome = np.concatenate([origin.outcome for origin in origins])
    which = np.repeat(np.arange(len(origins)), [len(origin.outcome) for origin in origins])
    levels = (which[:, None] == np.arange(len(origins))).astype(np.float64)
    fitted = LogisticRegression(C=UNSHRUNK, fit_intercept=False).fit(np.c_[scores, levels], outcome)
    return float(fitted.coef_[0][0])


def _shift(scores: Vector, leavers: float) -> float:
    """What must be added to all log-odds for their chances to add up to so many leavers (half a one is none)."""
    wanted = float(np.clip(leavers, 0.5, len(scores) - 0.5))
    return float(brentq(lambda shift: float(expit(scores + shift).sum()) - wanted, -FAR, FAR))
