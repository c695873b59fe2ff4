"""What only a live hand-over is held for: campaigns that nobody has approved, and each of the first live nights.

Both are looked at when a night is handed over, not when it is decided: the sealed decision and its previews stay what
they are, and an approval given in the morning lets go what the night kept back.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import polars as pl
from sqlalchemy import Engine

from stillhere.operations import writing
from stillhere.operations.approvals import approvals_of
from stillhere.operations.holds import FIRST_NIGHTS, LIVE_RULES, NOT_APPROVED, Hold, HoldScope, holds_of, renew_holds
from stillhere.operations.ledger import live_days
from stillhere.operations.open import reading
from stillhere.operations.seals import Seal
from stillhere.settings import Settings

WOULD_LEAVE = ("send", "call", "held", "holdout")
EXAMPLES = 5


def preview_holds(engine: Engine, seal: Seal) -> list[Hold]:
    """The holds of a night that its previews keep to: those that doubt what was decided."""
    return [hold for hold in holds_of(engine, seal.as_of, seal.revision) if hold.rule not in LIVE_RULES]


def live_holds(settings: Settings, engine: Engine, seal: Seal, now: datetime) -> list[Hold]:
    """All holds of a night that is about to be handed over, those of approval among them as they stand at `now`."""
    night = (seal.as_of, seal.revision)
    unapproved = list(_not_approved(engine, seal, now))
    first = list(_first_night(settings, engine, seal, now))
    with writing(engine) as connection:
        renew_holds(connection, *night, NOT_APPROVED, unapproved, "approved since", now)
        renew_holds(connection, *night, FIRST_NIGHTS, first, "no longer one of the first nights", now)
    return holds_of(engine, *night)


def _not_approved(engine: Engine, seal: Seal, now: datetime) -> Iterator[Hold]:
    """One hold a campaign that would reach, or hold out, anybody and whose content of that night has no approval."""
    approved = {(one.campaign, one.content_hash) for one in approvals_of(engine)}
    ever = {campaign for campaign, _ in approved}
    touched = seal.decisions.filter(pl.col("outcome").is_in(WOULD_LEAVE))
    for campaign in touched["campaign"].unique().sort():
        if (campaign, seal.contents.get(campaign, "")) in approved:
            continue
        changed = "its content has changed since it was approved" if campaign in ever else "nobody has approved it"
        words = (
            f"{changed}; look at it with 'stillhere campaigns diff {campaign}', then "
            f"'stillhere campaigns approve {campaign} --by NAME'"
        )
        rows = touched.filter(pl.col("campaign") == campaign)
        yield _hold(seal, "campaign", campaign, NOT_APPROVED, words, rows, now)


def _first_night(settings: Settings, engine: Engine, seal: Seal, now: datetime) -> Iterator[Hold]:
    """A hold on the whole night, while fewer live nights lie behind it than the company wants to say yes to."""
    wanted = settings.company.campaigns.first_nights
    with reading(engine) as connection:
        earlier = sum(day < seal.as_of for day in live_days(connection))
    if earlier >= wanted or seal.decisions.filter(pl.col("outcome").is_in(WOULD_LEAVE)).is_empty():
        return
    rows = seal.decisions.filter(pl.col("outcome").is_in(["send", "call", "held"]))
    beyond = seal.decisions.filter(pl.col("reason_code") == "ramp").height
    waiting = f", {beyond} more are on the list 'backlog'" if beyond else ""
    words = (
        f"live night {earlier + 1} of the first {wanted}, which each need a person's yes: {rows.height} mails and "
        f"calls{waiting}"
    )
    yield _hold(seal, "night", "*", FIRST_NIGHTS, words, rows, now)


def _hold(seal: Seal, scope: HoldScope, subject: str, rule: str, words: str, rows: pl.DataFrame, now: datetime) -> Hold:
    return Hold(
        as_of=seal.as_of,
        revision=seal.revision,
        scope=scope,
        subject=subject,
        rule=rule,
        words=words,
        item_count=rows.height,
        examples=tuple(rows["account_id"].head(EXAMPLES)),
        owner="marketing",
        created_at=now,
        expires_on=seal.as_of + timedelta(days=1),
    )
