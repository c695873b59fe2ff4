"""Approvals: who has said yes to which content of a campaign, and until when its result is waited for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Engine, select

from stillhere.operations.open import reading
from stillhere.operations.runs import naive_utc
from stillhere.operations.tables import approvals


@dataclass(frozen=True, slots=True)
class Approval:
    """One yes. `content` is what was approved, word for word; `horizon_ends` the day its result is looked at."""

    campaign: str
    content_hash: str
    approved_at: datetime
    approved_by: str
    horizon_ends: date
    content: Mapping[str, Any]


def store_approval(connection: Connection, approval: Approval) -> None:
    """Stores a yes. An earlier one stays: approvals are a history."""
    connection.execute(
        approvals.insert().values(
            campaign=approval.campaign,
            content_hash=approval.content_hash,
            approved_at=naive_utc(approval.approved_at),
            approved_by=approval.approved_by,
            horizon_ends=approval.horizon_ends,
            content=dict(approval.content),
        )
    )


def newest_approvals(engine: Engine) -> dict[str, Approval]:
    """The last approval of each campaign."""
    return {approval.campaign: approval for approval in approvals_of(engine)}


def approvals_of(engine: Engine, campaign: str | None = None) -> list[Approval]:
    """Approvals, the oldest first; of one campaign when named."""
    query = select(approvals).order_by(approvals.c.approved_at, approvals.c.campaign)
    if campaign is not None:
        query = query.where(approvals.c.campaign == campaign)
    with reading(engine) as connection:
        return [Approval(**dict(row)) for row in connection.execute(query).mappings()]
