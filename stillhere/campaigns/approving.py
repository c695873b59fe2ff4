"""Saying yes to a campaign: its content as it is now, by whom, and the day on which its result is looked at."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta

from sqlalchemy import Engine

from stillhere.campaigns.content import content_of
from stillhere.operations import writing
from stillhere.operations.approvals import Approval, newest_approvals, store_approval
from stillhere.results.plans import ENTRY_DAYS
from stillhere.settings import Campaign, Settings, StillhereError


class ApprovalError(StillhereError):
    """An approval that can't be given; nothing was stored."""

    exit_code = 2


def usual_horizon(campaign: Campaign, today: date) -> date:
    """When a result is looked at unless another day is named: a quarter of accounts, each for its success days."""
    return today + timedelta(days=ENTRY_DAYS + campaign.success_day)


def approve(
    settings: Settings,
    engine: Engine,
    names: Collection[str],
    by: str,
    now: datetime,
    today: date,
    horizon_ends: date | None = None,
) -> list[Approval]:
    """Stores an approval of the content that each campaign has now; gives those that are new.

    A campaign whose content is approved already is left as it is, with the day it was approved with. Raises
    ApprovalError for an unknown campaign, one that is switched off, no name, or a horizon that is over.
    """
    if not by.strip():
        raise ApprovalError("--by: say who approves; it is kept with the approval")
    if horizon_ends is not None and horizon_ends <= today:
        raise ApprovalError(f"--until {horizon_ends}: is not after today ({today}); name the day of the result")
    chosen = [campaign_named(settings, name) for name in dict.fromkeys(names)]
    before = newest_approvals(engine)
    given = []
    for campaign in chosen:
        content, known = content_of(settings, campaign), before.get(campaign.id)
        if known is not None and known.content_hash == content.content_hash:
            continue  # its day stands as well: one that is chosen later could be chosen by the result
        ends = horizon_ends or usual_horizon(campaign, today)
        given.append(Approval(campaign.id, content.content_hash, now, by.strip(), ends, content.as_dict()))
    with writing(engine) as connection:
        for approval in given:
            store_approval(connection, approval)
    return given


def campaign_named(settings: Settings, name: str) -> Campaign:
    """The campaign of an id. Raises ApprovalError for one that is unknown or switched off."""
    found = next((one for one in settings.campaigns if one.id == name), None)
    known = ", ".join(one.id for one in settings.campaigns if one.enabled) or "none"
    if found is None:
        raise ApprovalError(f"no campaign {name!r}; there are: {known}")
    if not found.enabled:
        raise ApprovalError(f"campaigns/{name}.yml: is switched off; set 'enabled: true' before it is approved")
    return found
