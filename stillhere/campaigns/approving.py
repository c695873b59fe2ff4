"""Saying yes to a campaign: its content as it is now, by whom, and the day on which its result is looked at."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Engine

from stillhere.campaigns.content import CampaignContent, content_of
from stillhere.campaigns.published import PublishedNight
from stillhere.campaigns.result_day import ResultDay, named_day, result_days
from stillhere.operations import writing
from stillhere.operations.approvals import Approval, newest_approvals, store_approval
from stillhere.settings import Campaign, Settings, StillhereError


class ApprovalError(StillhereError):
    """An approval that can't be given; nothing was stored."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Given:
    """A yes that was stored just now, and where the day of its result comes from."""

    approval: Approval
    result_day: ResultDay


def approve(
    settings: Settings,
    engine: Engine,
    names: Collection[str],
    by: str,
    now: datetime,
    today: date,
    horizon_ends: date | None = None,
    night: PublishedNight | None = None,
) -> list[Given]:
    """Stores an approval of the content that each campaign has now; gives those that are new.

    `night` is the newest published one, which the day of the result is taken from unless `horizon_ends` names it.
    A campaign whose content is approved already is left as it is, with the day it was approved with. Raises
    ApprovalError for an unknown campaign, one that is switched off, no name, or a horizon that is over.
    """
    if not by.strip():
        raise ApprovalError("--by: say who approves; it is kept with the approval")
    if horizon_ends is not None and horizon_ends <= today:
        raise ApprovalError(f"--until {horizon_ends}: is not after today ({today}); name the day of the result")
    chosen = [campaign_named(settings, name) for name in dict.fromkeys(names)]
    before = newest_approvals(engine)
    contents = [(campaign, content_of(settings, campaign)) for campaign in chosen]
    # A day once given stands with its content: one that is chosen later could be chosen by the result.
    new = [(one, content) for one, content in contents if not _is_approved(before.get(one.id), content)]
    if horizon_ends is not None:
        days = [named_day(horizon_ends) for _ in new]
    else:
        days = result_days(settings, [campaign for campaign, _ in new], night, today)
    given = [
        Given(Approval(campaign.id, content.content_hash, now, by.strip(), day.day, content.as_dict()), day)
        for (campaign, content), day in zip(new, days, strict=True)
    ]
    with writing(engine) as connection:
        for one in given:
            store_approval(connection, one.approval)
    return given


def _is_approved(known: Approval | None, content: CampaignContent) -> bool:
    return known is not None and known.content_hash == content.content_hash


def campaign_named(settings: Settings, name: str) -> Campaign:
    """The campaign of an id. Raises ApprovalError for one that is unknown or switched off."""
    found = next((one for one in settings.campaigns if one.id == name), None)
    known = ", ".join(one.id for one in settings.campaigns if one.enabled) or "none"
    if found is None:
        raise ApprovalError(f"no campaign {name!r}; there are: {known}")
    if not found.enabled:
        raise ApprovalError(f"campaigns/{name}.yml: is switched off; set 'enabled: true' before it is approved")
    return found
