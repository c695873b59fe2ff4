"""Which campaigns rest on which figures: those whose segment's rule reads them."""

from __future__ import annotations

from collections.abc import Collection

from stillhere.settings import Settings

MODEL_FIELDS = frozenset(
    {
        *("churn_probability", "risk_rank", "is_flagged", "signs"),
        *("value_at_stake_minor", "outreach_value_minor", "value_rank"),
    }
)
"""Fields of a rule that come from the model; a sign needs the model as well as the raw values."""


def campaigns_reading(settings: Settings, fields: Collection[str]) -> tuple[str, ...]:
    """Ids of the enabled campaigns whose segment's rule names one of the fields."""
    segments = {segment.id: {*segment.all, *segment.any} for segment in settings.segments.segments}
    return tuple(
        campaign.id
        for campaign in settings.campaigns
        if campaign.enabled and segments.get(campaign.segment, set()) & set(fields)
    )
