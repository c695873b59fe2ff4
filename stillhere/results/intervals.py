"""Intervals for the difference of two arms: of shares by score (Miettinen and Nurminen), of means by Welch.

Shares: O. Miettinen and M. Nurminen, Comparative analysis of two rates, Statistics in Medicine 4 (1985), 213-226; the
restricted estimate in closed form as in their appendix and in C. Farrington and G. Manning, Statistics in Medicine 9
(1990), 1447-1454. Chosen by exact coverage: with 40 an arm and a share of 5 %, Newcombe's interval covers in 98.5 % and
Agresti and Caffo's in 98.6 %, this one in 95.7 % (docs/benchmarks.md).

Everything is an array: one entry a stratum, many comparisons at once. Accounts drawn with different chances of being
held out are different strata, weighted as Mantel and Haenszel do; with one stratum the plain formulas are left.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from stillhere.results.confidence import CONFIDENCE, Z

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

HALVINGS = 40
"""Of a range at most 1 wide: what is left is below 1e-12, and marts round at nine decimals."""


@dataclass(frozen=True, slots=True)
class Shares:
    """How many of each arm did, one entry a stratum; `row` is the comparison (0 to `rows` - 1) it belongs to."""

    row: Ints
    rows: int
    treated: Floats
    treated_did: Floats
    control: Floats
    control_did: Floats


@dataclass(frozen=True, slots=True)
class Means:
    """Mean and variance of each arm, one entry a stratum; `row` as in Shares."""

    row: Ints
    rows: int
    treated: Floats
    treated_mean: Floats
    treated_variance: Floats
    control: Floats
    control_mean: Floats
    control_variance: Floats


@dataclass(frozen=True, slots=True)
class Differences:
    """Treated minus control with its interval, one entry a comparison; NaN where an arm is empty."""

    value: Floats
    low: Floats
    high: Floats


def share_differences(shares: Shares, z: float = Z) -> Differences:
    """Differences of shares, in -1 to 1."""
    weight = _weights(shares.treated, shares.control)
    total = _sum(shares, weight)
    gaps = shares.treated_did / _at_least_one(shares.treated) - shares.control_did / _at_least_one(shares.control)
    value = _sum(shares, weight * gaps) / np.where(total > 0, total, np.nan)

    def lies_beyond(supposed: Floats, bound: float) -> npt.NDArray[np.bool_]:
        """Whether a supposed difference is further from what was seen than `bound` standard errors."""
        spread = np.sqrt(_sum(shares, weight**2 * _restricted_variance(shares, supposed[shares.row])))
        return np.abs(total * (value - supposed)) > bound * spread

    low = _edge(np.full(shares.rows, -1.0), value, lambda at: lies_beyond(at, z))
    high = _edge(np.full(shares.rows, 1.0), value, lambda at: lies_beyond(at, z))
    return Differences(value, low, high)


def mean_differences(means: Means) -> Differences:
    """Differences of means by Welch's t, strata weighted. NaN also where an arm has fewer than two in a stratum."""
    from scipy.special import stdtrit

    weight = _weights(means.treated, means.control)
    total = _sum(means, weight)
    total = np.where(total > 0, total, np.nan)
    few = (weight > 0) & (np.minimum(means.treated, means.control) < 2)
    parts = [
        (variance / _at_least_one(count), count)
        for variance, count in ((means.treated_variance, means.treated), (means.control_variance, means.control))
    ]
    value = _sum(means, weight * (means.treated_mean - means.control_mean)) / total
    squared = _sum(means, weight**2 * (parts[0][0] + parts[1][0])) / total**2
    # Satterthwaite's degrees of freedom of a weighted sum of variances.
    below = sum(_sum(means, (weight**2 * part) ** 2 / np.maximum(count - 1, 1)) for part, count in parts) / total**4
    with np.errstate(invalid="ignore", divide="ignore"):
        freedom = np.where(below > 0, squared**2 / below, np.inf)
    half = stdtrit(freedom, 0.5 + CONFIDENCE / 2) * np.sqrt(squared)
    half = np.where(np.isinf(freedom), 0.0, half)
    half = np.where(_sum(means, few.astype(float)) > 0, np.nan, half)
    return Differences(value, value - half, value + half)


def _edge(outer: Floats, inner: Floats, is_out: Callable[[Floats], npt.NDArray[np.bool_]]) -> Floats:
    """Between a value surely out and one surely in, where being in begins; by halving."""
    out, into = outer.copy(), inner.copy()
    for _ in range(HALVINGS):
        middle = (out + into) / 2
        lies_out = is_out(middle)
        out, into = np.where(lies_out, middle, out), np.where(lies_out, into, middle)
    return np.where(np.isnan(inner), np.nan, (out + into) / 2)


def _restricted_variance(shares: Shares, supposed: Floats) -> Floats:
    """Variance of a stratum's difference if the true one were `supposed`, by the likeliest shares that have it."""
    control_share = _restricted_share(shares, supposed)
    treated_share = np.clip(control_share + supposed, 0.0, 1.0)
    count = shares.treated + shares.control
    spread = treated_share * (1 - treated_share) / _at_least_one(shares.treated)
    spread += control_share * (1 - control_share) / _at_least_one(shares.control)
    correction = count / np.maximum(count - 1, 1)
    return np.asarray(np.maximum(spread, 0.0) * correction)


def _restricted_share(shares: Shares, supposed: Floats) -> Floats:
    """The control's share that is likeliest if the difference is `supposed`: root of a cubic, in closed form."""
    treated, control, did = shares.treated, shares.control, shares.treated_did + shares.control_did
    cubic = np.maximum(treated + control, 1.0)
    square = (treated + 2 * control) * supposed - cubic - did
    linear = (control * supposed - cubic - 2 * shares.control_did) * supposed + did
    constant = shares.control_did * supposed * (1 - supposed)
    third = square / (3 * cubic)
    depth = third**3 - linear * square / (6 * cubic**2) + constant / (2 * cubic)
    reach = np.sqrt(np.maximum(third**2 - linear / (3 * cubic), 0.0))
    reach = np.where(depth < 0, -reach, reach)
    with np.errstate(invalid="ignore", divide="ignore"):
        cosine = np.where(reach != 0, depth / reach**3, 0.0)
    angle = (np.pi + np.arccos(np.clip(cosine, -1.0, 1.0))) / 3
    return np.asarray(
        np.clip(2 * reach * np.cos(angle) - third, np.maximum(0.0, -supposed), np.minimum(1.0, 1 - supposed))
    )


def _weights(treated: Floats, control: Floats) -> Floats:
    """Mantel and Haenszel's: a stratum in which an arm is empty says nothing and weighs nothing."""
    return treated * control / _at_least_one(treated + control)


def _at_least_one(count: Floats) -> Floats:
    return np.maximum(count, 1.0)


def _sum(strata: Shares | Means, values: Floats) -> Floats:
    return np.bincount(strata.row, weights=values, minlength=strata.rows).astype(np.float64)
