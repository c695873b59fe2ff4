"""From raw score to a probability that means what it says, learned on later cut-offs than the fit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl
from sklearn.isotonic import isotonic_regression
from sklearn.linear_model import LogisticRegression

from models.fit import Vector

Method = Literal["isotonic", "platt", "level"]

ISOTONIC_LEAVERS = 1000
PLATT_LEAVERS = 30
"""Fewer than this can't carry a slope: only the level is moved."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """A rising map from log-odds to probability. Isotonic: knots `x`, `y`. Platt and level: slope and intercept."""

    method: Method
    x: Vector
    y: Vector

    def probabilities(self, scores: Vector) -> Vector:
        """Probabilities of raw scores, strictly between 0 and 1."""
        if self.method == "isotonic":
            return _sigmoid(np.interp(scores, self.x, self.y) + 1e-3 * (scores - np.interp(scores, self.x, self.x)))
        return _sigmoid(self.x[0] * scores + self.y[0])


def fit_calibration(scores: Vector, left: npt.NDArray[np.bool_]) -> Calibration:
    """The map that the outcomes can carry: isotonic from 1,000 leavers and stayers, Platt from 30, else the level."""
    fewer = int(min(left.sum(), (~left).sum()))
    if fewer >= ISOTONIC_LEAVERS:
        return _isotonic(scores, left)
    if fewer >= PLATT_LEAVERS:
        return _platt(scores, left)
    return _level(scores, left)


def calibrated_by_halves(scores: Vector, left: npt.NDArray[np.bool_], accounts: pl.Series) -> Vector:
    """Probabilities of raw scores, each half of the accounts calibrated by the other's: nothing marks its own work."""
    half = (accounts.rank("dense") % 2 == 0).to_numpy()
    forecast = np.full(len(left), left.mean())
    for part in (half, ~half):
        if part.any() and (~part).any():
            forecast[part] = fit_calibration(scores[~part], left[~part]).probabilities(scores[part])
    return forecast


def _platt(scores: Vector, left: npt.NDArray[np.bool_]) -> Calibration:
    """Platt (1999): a logistic regression of the outcome on the score, nearly unshrunk."""
    fitted = LogisticRegression(C=1e4).fit(scores.reshape(-1, 1), left)
    slope = max(float(fitted.coef_[0][0]), 1e-6)
    return Calibration("platt", np.array([slope]), np.array([float(fitted.intercept_[0])]))


def _level(scores: Vector, left: npt.NDArray[np.bool_]) -> Calibration:
    """Moves all scores by one amount, so that they add up to the leavers seen (plus half a one: none is not never)."""
    wanted = (left.sum() + 0.5) / (len(left) + 1)
    low, high = -30.0, 30.0
    for _ in range(60):
        middle = (low + high) / 2
        if _sigmoid(scores + middle).mean() < wanted:
            low = middle
        else:
            high = middle
    return Calibration("level", np.array([1.0]), np.array([low]))


def _isotonic(scores: Vector, left: npt.NDArray[np.bool_]) -> Calibration:
    """Centred isotonic regression (Oron and Flournoy 2017): each flat block is one knot at its mean, lines between.

    Plain isotonic regression ties whole ranges of accounts, and a ranking can't use ties.
    """
    order = np.argsort(scores, kind="stable")
    ordered, outcome = scores[order], left[order].astype(np.float64)
    level = isotonic_regression(outcome)
    starts = np.flatnonzero(np.r_[True, np.diff(level) > 0])
    sizes = np.diff(np.r_[starts, len(level)])
    x = np.add.reduceat(ordered, starts) / sizes
    y = (np.add.reduceat(outcome, starts) + 0.5 * level.mean()) / (sizes + 0.5)  # shrinks blocks of pure outcome
    y = np.maximum.accumulate(np.clip(y, 1e-5, 1 - 1e-5))
    keep = np.r_[True, np.diff(x) > 0]
    return Calibration("isotonic", x[keep], np.log(y[keep] / (1 - y[keep])))


def _sigmoid(value: Vector) -> Vector:
    return np.asarray(1 / (1 + np.exp(-value)), dtype=np.float64)
