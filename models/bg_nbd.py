"""BG/NBD: the chance of no event in a horizon, for accounts that come back at a rate of their own until they leave.

Fader, Hardie and Lee (2005), "Counting your customers" the easy way. An account has events at a Poisson rate drawn from
a gamma(r, alpha) and leaves after any event with a chance drawn from a beta(a, b). `repeats` are days with an event
after the first, `last_age` days from the first to the last of them, `age` days from the first to the cut-off.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import betaln, expit, gammaln

from models.fit import Vector

STARTS = (np.log([0.5, 10.0, 1.0, 2.0]), np.log([1.0, 30.0, 0.5, 3.0]))
LOG_BOUNDS = (-6.0, 8.0)
TIGHTNESS = 1e-4
"""A weak pull of the logarithms to 0: without repeats the likelihood is flat, and parameters would run away."""


@dataclass(frozen=True, slots=True)
class Histories:
    """What the model reads of each account; equal lengths. Days."""

    repeats: Vector
    last_age: Vector
    age: Vector


@dataclass(frozen=True, slots=True)
class BgNbd:
    """Fitted parameters."""

    r: float
    alpha: float
    a: float
    b: float

    def log_odds_alive(self, seen: Histories) -> Vector:
        """Log-odds that an account has not left yet; infinite for one without a repeat."""
        repeats = np.maximum(seen.repeats, 1)
        gone = (self.r + seen.repeats) * np.log((self.alpha + seen.age) / (self.alpha + seen.last_age))
        gone += np.log(self.a) - np.log(self.b + repeats - 1)
        return np.where(seen.repeats > 0, -gone, np.inf)

    def no_event(self, seen: Histories, horizon_days: int) -> Vector:
        """Chance of no event in the `horizon_days` after the cut-off."""
        now = self.alpha + seen.age
        silent_if_alive = (now / (now + horizon_days)) ** (self.r + seen.repeats)
        return np.asarray(1 - expit(self.log_odds_alive(seen)) * (1 - silent_if_alive))


def fit_bg_nbd(seen: Histories, start: BgNbd | None = None) -> BgNbd:
    """Maximum likelihood over all accounts; `start` (say the fit of an earlier cut-off) saves time."""
    told = np.stack([seen.repeats, seen.last_age, seen.age], axis=1)
    distinct, counts = np.unique(told, axis=0, return_counts=True)
    starts = STARTS if start is None else (np.log([start.r, start.alpha, start.a, start.b]),)

    def loss(logarithms: Vector) -> float:
        likelihood = _log_likelihood(np.exp(logarithms), *distinct.T)
        return float(-(counts * likelihood).sum() / counts.sum() + TIGHTNESS * (logarithms**2).sum())

    found = [minimize(loss, begin, method="L-BFGS-B", bounds=[LOG_BOUNDS] * 4) for begin in starts]
    best = min(found, key=lambda result: float(result.fun))
    return BgNbd(*(float(value) for value in np.exp(best.x)))


def _log_likelihood(parameters: Vector, repeats: Vector, last_age: Vector, age: Vector) -> Vector:
    r, alpha, a, b = parameters
    rate = gammaln(r + repeats) - gammaln(r) + r * np.log(alpha)
    stays = betaln(a, b + repeats) - betaln(a, b)
    alive = -(r + repeats) * np.log(alpha + age)
    at_least_one = np.maximum(repeats, 1)
    gone = np.log(a) - np.log(b + at_least_one - 1) - (r + at_least_one) * np.log(alpha + last_age)
    return np.asarray(rate + stays + np.where(repeats > 0, np.logaddexp(alive, gone), alive))
