"""Whom a campaign comes to turn to, at what pace, and what that can show; taken from a published night."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from stillhere.campaigns.audience import Audience, Pace, audience_of, pace_of, reachable
from stillhere.campaigns.content import content_of
from stillhere.campaigns.measurable import Measurable, measurable
from stillhere.campaigns.published import PublishedNight
from stillhere.campaigns.segments import version_of
from stillhere.results.planning import holdout_share_for
from stillhere.settings import Campaign, Settings


@dataclass(frozen=True)
class Reach:
    """One campaign on a night. `people` are those of its audience who can be turned to; wide account rows."""

    audience: Audience
    people: pl.DataFrame
    pace: Pace
    per_month: float
    measurable: Measurable | None
    """Null where the campaign leaves nobody alone to measure."""


def reach_of(settings: Settings, campaign: Campaign, base: pl.DataFrame, night: PublishedNight, today: date) -> Reach:
    """What a campaign would reach from `today` on, judged by a night and its `base` (of `audience.base_of`)."""
    audience = audience_of(base, content_of(settings, campaign).rule, night.as_of)
    people = reachable(audience.rows, campaign)
    segment = next(one for one in settings.segments.segments if one.id == campaign.segment)
    pace = pace_of(settings.places, night, segment.id, version_of(segment), audience.rows.height)
    per_month = pace.per_month * (people.height / audience.rows.height if audience.rows.height else 0.0)
    universal = settings.company.campaigns.universal_holdout_share
    holdout = campaign.holdout_share if campaign.holdout_share is not None else holdout_share_for(0)
    shown = measurable(per_month, holdout, universal, campaign.success_day, today) if campaign.measured else None
    return Reach(audience, people, pace, per_month, shown)
