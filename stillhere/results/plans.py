"""What a campaign is measured by: the day that counts, until when accounts enter the test, what a contact costs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from stillhere.results.planning import DEFAULT_EFFECT

EVERY_CAMPAIGN = "*"
"""The whole programme: the universal holdout against everybody else whom a campaign would have turned to."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How one campaign is judged. Its one primary outcome is `still here at success_day`; all else is exploratory.

    `horizon_date` is fixed before the first live send: on that day the primary outcome is judged, once, on the accounts
    whose `success_day` has come by then. Without one nothing is judged yet.
    """

    campaign: str
    horizon_date: date | None
    success_day: int = 60
    effect: float = DEFAULT_EFFECT
    cost_minor: int = 0
    """Of one mail or call, people's time included; minor units of the reporting currency."""

    @property
    def last_day_zero(self) -> date | None:
        """Who is drawn later than this has no outcome by the horizon, and is not in the test."""
        return None if self.horizon_date is None else self.horizon_date - timedelta(days=self.success_day)
