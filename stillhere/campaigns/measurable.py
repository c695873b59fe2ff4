"""What a campaign's holdout will be able to show, said before it is approved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil

from stillhere.campaigns.audience import MONTH_DAYS
from stillhere.results.planning import DEFAULT_EFFECT, accounts_needed, plus_minus

MONTHS = 3
FARTHEST_MONTHS = 36
"""A later day is none: too much changes until then."""


@dataclass(frozen=True, slots=True)
class Measurable:
    """Accounts a month, and what they show. `plus_minus` is a share; `enough_on` when 5 points can be told, or None."""

    per_month: float
    holdout_share: float
    plus_minus: float | None
    enough_on: date | None
    held_out: int
    drawn: int


def measurable(
    per_month: float, holdout_share: float, universal_share: float, success_day: int, today: date
) -> Measurable:
    """From the pace at which accounts come, the shares left alone, and the day that counts.

    Who is left alone by every campaign is in neither arm of this one, but is held out all the same.
    """
    drawn = per_month * MONTHS
    compared = drawn * (1 - universal_share)
    width = plus_minus(compared * (1 - holdout_share), compared * holdout_share)
    held = drawn * (universal_share + (1 - universal_share) * holdout_share)
    return Measurable(
        per_month=per_month,
        holdout_share=holdout_share,
        plus_minus=width,
        enough_on=_enough_on(per_month * (1 - universal_share), holdout_share, success_day, today),
        held_out=round(held),
        drawn=round(drawn),
    )


def _enough_on(per_month: float, holdout_share: float, success_day: int, today: date) -> date | None:
    if per_month <= 0 or holdout_share <= 0:
        return None
    months = accounts_needed(DEFAULT_EFFECT, holdout_share) / per_month
    if months > FARTHEST_MONTHS:
        return None
    return today + timedelta(days=ceil(months * MONTH_DAYS) + success_day)
