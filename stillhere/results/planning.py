"""What a number of accounts can show before anything is seen: ±X, how many are needed, what share to hold out."""

from __future__ import annotations

from math import ceil, sqrt
from statistics import NormalDist

from stillhere.results.confidence import Z

POWER = 0.80
POWER_Z = NormalDist().inv_cdf(POWER)
PLANNING_SHARE = 0.70
"""Still here at day 60 of those a campaign turns to, before any is known. Nearer to a half is the careful side."""
DEFAULT_EFFECT = 0.05
"""The effect a campaign is measured for where its file states none: five points."""
SHARES = (0.5, 0.4, 0.3, 0.2, 0.1)
"""Holdout shares to choose from. Steps, for accounts drawn with different shares are compared apart."""


def plus_minus(treated: float, control: float, share: float = PLANNING_SHARE) -> float | None:
    """Half the width that the interval of a difference would have; None while an arm is empty."""
    if treated < 1 or control < 1:
        return None
    return Z * sqrt(_spread(share) * (1 / treated + 1 / control))


def detectable_difference(treated: float, control: float, share: float, power: float = POWER) -> float | None:
    """The smallest rise over `share` that is found with `power`; None where not even a rise to 1 is.

    J. Fleiss, Statistical Methods for Rates and Proportions: pooled variance if there is none, each arm's own if there
    is one.
    A fall below `share` is a rise over `1 - share`.
    """
    power_z = NormalDist().inv_cdf(power)

    def is_found(rise: float) -> bool:
        pooled = (treated * (share + rise) + control * share) / (treated + control)
        without = sqrt(_spread(pooled) * (1 / treated + 1 / control))
        with_it = sqrt(_spread(share + rise) / treated + _spread(share) / control)
        return rise - Z * without >= power_z * with_it

    low, high = 0.0, 1.0 - share
    if not is_found(high):
        return None
    for _ in range(50):  # halvings
        middle = (low + high) / 2
        low, high = (low, middle) if is_found(middle) else (middle, high)
    return high


def accounts_needed(effect: float, holdout_share: float, share: float = PLANNING_SHARE) -> int:
    """Accounts of both arms together with which `effect` is found with POWER, `holdout_share` of them held out."""
    spread = _spread(share) * (1 / holdout_share + 1 / (1 - holdout_share))
    return ceil(((Z + POWER_Z) / effect) ** 2 * spread)


def holdout_share_for(drawn: int, effect: float = DEFAULT_EFFECT) -> float:
    """The share to hold out of a campaign into which `drawn` accounts have been drawn so far, both arms together.

    A half until so many would show the stated effect; then the least share with which they would. It depends on counts
    alone, never on outcomes, so that no result steers who is held out.
    """
    enough = [share for share in SHARES if accounts_needed(effect, share) <= drawn]
    return min(enough, default=SHARES[0])


def _spread(share: float) -> float:
    return share * (1 - share)
