"""What a campaign is measured by: the day that counts, until when accounts enter the test, what a contact costs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from typing import Any

from stillhere.results.planning import DEFAULT_EFFECT
from stillhere.settings import Campaign

EVERY_CAMPAIGN = "*"
"""The whole programme: the universal holdout against everybody else whom a campaign would have turned to."""
USUAL_DAYS = (30, 60, 90)
SUCCESS_DAY = 60
"""The primary outcome of the whole programme; a campaign's own stands in its file."""
ENTRY_DAYS = 90
"""Accounts enter one test for a quarter, unless an approval names another horizon; then the next one begins."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How one campaign is judged. Its one primary outcome is `still here at success_day`; all else is exploratory.

    `horizon_date` is fixed before the first live send: on that day the primary outcome is judged, once, on the accounts
    whose `success_day` has come by then and that came after `after` (where an earlier test ended). Without a horizon
    nothing is judged yet.
    """

    campaign: str
    horizon_date: date | None
    success_day: int = SUCCESS_DAY
    effect: float = DEFAULT_EFFECT
    cost_minor: int = 0
    """Of one mail or call, people's time included; minor units of the reporting currency."""
    after: date | None = None

    @property
    def last_day_zero(self) -> date | None:
        """Who is drawn later than this has no outcome by the horizon, and is not in the test."""
        return None if self.horizon_date is None else self.horizon_date - timedelta(days=self.success_day)


def plans_of(
    campaigns: Iterable[Campaign],
    assignments: Iterable[Mapping[str, Any]],
    approvals: Iterable[Mapping[str, Any]],
    cost_minor: int,
    as_of: date,
) -> list[Plan]:
    """A plan for every campaign with anybody drawn, those since removed included, and one for the whole programme.

    `assignments` have campaign and day_zero, `approvals` campaign and horizon_ends.
    """
    first_days: dict[str, date] = {}
    for row in assignments:
        for name in (row["campaign"], EVERY_CAMPAIGN):
            first_days[name] = min(row["day_zero"], first_days.get(name, row["day_zero"]))
    horizons: dict[str, set[date]] = {}
    for row in approvals:
        horizons.setdefault(row["campaign"], set()).add(row["horizon_ends"])
    success_days = {campaign.id: campaign.success_day for campaign in campaigns}
    return [
        plan_on(name, first_day, horizons.get(name, ()), success_days.get(name, SUCCESS_DAY), cost_minor, as_of)
        for name, first_day in sorted(first_days.items())
    ]


def plan_on(
    campaign: str, first_day: date, approved: Collection[date], success_day: int, cost_minor: int, as_of: date
) -> Plan:
    """The test that is told on a day: the newest whose horizon has come, or the first while none has.

    So a result stands until the next one is due, and an approval given while a test runs cannot move its horizon.
    """
    horizons = _horizons(first_day, approved, success_day)
    shown = Plan(campaign, next(horizons), success_day, cost_minor=cost_minor)
    for horizon in horizons:
        if horizon > as_of:
            break
        shown = Plan(campaign, horizon, success_day, cost_minor=cost_minor, after=shown.last_day_zero)
    return shown


def _horizons(first_day: date, approved: Collection[date], success_day: int) -> Iterator[date]:
    """Approved horizons at which anybody can be judged, in order, and then one a quarter without end."""
    newest = first_day - timedelta(days=1) + timedelta(days=success_day)
    for horizon in sorted(approved):
        if horizon > newest:
            yield horizon
            newest = horizon
    for quarter in count(1):
        yield newest + timedelta(days=ENTRY_DAYS * quarter)


def result_days(campaigns: Iterable[Campaign]) -> list[int]:
    """The days after day 0 on which results are counted: the usual ones, and each campaign's own."""
    return sorted({*USUAL_DAYS, *(campaign.success_day for campaign in campaigns)})
