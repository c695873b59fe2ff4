"""The day on which a campaign's result is looked at, fixed when it is approved, and where that day comes from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from stillhere.campaigns.audience import base_of
from stillhere.campaigns.measurable import Measurable
from stillhere.campaigns.published import PublishedNight
from stillhere.campaigns.reach import reach_of
from stillhere.results.plans import ENTRY_DAYS
from stillhere.settings import Campaign, Settings

Origin = Literal["named", "enough", "usual"]
"""A person named it; 5 points can be told on it; or a quarter of accounts, each for its days of success."""


@dataclass(frozen=True, slots=True)
class ResultDay:
    """The day, where it comes from, and that in words."""

    day: date
    origin: Origin
    words: str


def result_days(
    settings: Settings, campaigns: Sequence[Campaign], night: PublishedNight | None, today: date
) -> list[ResultDay]:
    """Each campaign's day unless another is named, as `campaigns check` tells it on the same night and day."""
    if night is None:
        return [_usual(one, today, "no night is published yet, so nothing is known of its pace") for one in campaigns]
    base = base_of(night)
    return [result_day(one, reach_of(settings, one, base, night, today).measurable, today) for one in campaigns]


def result_day(campaign: Campaign, found: Measurable | None, today: date) -> ResultDay:
    """The day on which 5 points can be told, though never before the usual one; that where no such day is known."""
    usual = _usual(campaign, today, "5 points cannot be told within three years")
    if found is None:
        return _usual(campaign, today, "it is not measured")
    if found.enough_on is None:
        return usual
    if found.enough_on < usual.day:
        return _usual(campaign, today, f"5 points can be told earlier, on {found.enough_on}")
    words = f"the day on which 5 points can be told, at {found.per_month:,.0f} accounts a month"
    return ResultDay(found.enough_on, "enough", words)


def named_day(day: date) -> ResultDay:
    """The day that a person has named."""
    return ResultDay(day, "named", "the day named with --until")


def _usual(campaign: Campaign, today: date, because: str) -> ResultDay:
    words = f"{ENTRY_DAYS} days and its {campaign.success_day} days of success; {because}"
    return ResultDay(today + timedelta(days=ENTRY_DAYS + campaign.success_day), "usual", words)
