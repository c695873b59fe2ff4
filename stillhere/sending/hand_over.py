"""Hands a night's messages over: never twice, and nobody who has stopped since it was decided.

Each message: look for stops, reserve its unique row, take it, hand it over, settle. A process that dies in between
leaves a row that says how far it came.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import polars as pl
from sqlalchemy import Connection, Engine

from stillhere.campaigns.keys import person_key
from stillhere.operations import writing
from stillhere.operations.ledger import (
    LedgerKey,
    LedgerRow,
    begin_hand_over,
    has_other_tonight,
    left_in_hand,
    reserve,
    settle,
    settle_abandoned,
)
from stillhere.operations.runs import Mode
from stillhere.operations.stops import has_left_since, is_paused, is_suppressed
from stillhere.sending.senders import HandedOver, Sender

OUTAGES_UNTIL_STOP = 3
"""So many messages in a row that reach nobody: the sender is down, and time-outs would add up to hours."""
DropReason = str


@dataclass(frozen=True)
class Night:
    """What of a night a hand-over needs to know. `exits_known` are those the decisions had seen (account, when)."""

    as_of: date
    revision: int
    planned_at: datetime
    exits_known: frozenset[tuple[str, datetime]] = frozenset()


@dataclass
class HandOverSummary:
    """How many messages ended how: accepted, refused, unknown, dropped, paused, earlier, in hand, waiting.

    `dropped` counts the dropped ones by reason; `waiting` were not tried, for the sender reached nobody.
    """

    counts: Counter[str] = field(default_factory=Counter)
    dropped: Counter[DropReason] = field(default_factory=Counter)

    @property
    def handed_over(self) -> int:
        """Messages that left in this run."""
        return self.counts["accepted"]


def hand_over(
    outbox: pl.DataFrame,
    night: Night,
    engine: Engine,
    sender: Sender,
    mode: Mode,
    clock: Callable[[], datetime],
    *,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> HandOverSummary:
    """Hands over every message that is not settled yet.

    Safe to call again after any crash, and from two processes at once. Stops early when the sender reaches nobody.
    """
    summary, outages = HandOverSummary(), 0
    _settle_abandoned(engine, sender, mode, clock())
    for done, row in enumerate(outbox.iter_rows(named=True), start=1):
        end = _one(row, night, engine, sender, mode, clock)
        summary.counts[end.what] += 1
        if end.what == "dropped":
            summary.dropped[end.why] += 1
        progress(done, outbox.height)
        outages = outages + 1 if end.no_connection else 0
        if outages == OUTAGES_UNTIL_STOP:
            summary.counts["waiting"] = outbox.height - done
            break
    return summary


def _settle_abandoned(engine: Engine, sender: Sender, mode: Mode, now: datetime) -> None:
    """Messages that a dead process had in hand: files are written again, anything else becomes unknown.

    Should that process be alive after all, it settles its own message in a moment, and nobody else has touched it.
    """
    with writing(engine) as connection:
        for row in left_in_hand(connection, mode):
            if row.sender == "files" and sender.may_repeat:
                settle_abandoned(connection, row.key, "reserved", now, "cut off; written again")
            else:
                words = "cut off while it was handed over; look at the provider's log"
                settle_abandoned(connection, row.key, "unknown", now, words)


@dataclass(frozen=True, slots=True)
class _End:
    """How one message ended."""

    what: str
    why: DropReason = ""
    no_connection: bool = False


def _one(
    row: Mapping[str, Any],
    night: Night,
    engine: Engine,
    sender: Sender,
    mode: Mode,
    clock: Callable[[], datetime],
) -> _End:
    key = LedgerKey(mode, row["campaign"], person_key(row["email"], row["account_id"]), row["occasion"])
    wanted = _ledger_row(row, key, night, sender, clock())
    with writing(engine) as connection:
        if mode == "live" and is_paused(connection, row["campaign"]):
            return _End("paused")
        status = reserve(connection, wanted)
        if status != "reserved":
            return _End("in hand" if status == "handing_over" else "earlier")
        why = _dropped_since(connection, wanted, night)
        if why is not None:
            settle(connection, key, "dropped", clock(), why)
            return _End("dropped", why)
        if not begin_hand_over(connection, key, clock()):
            return _End("in hand")
    outcome: HandedOver = sender.send(row, night.planned_at)
    with writing(engine) as connection:
        settle(connection, key, outcome.status, clock(), outcome.detail)
    return _End(outcome.status, no_connection=outcome.no_connection)


def _dropped_since(connection: Connection, row: LedgerRow, night: Night) -> DropReason | None:
    """What has happened since the decision; the decision itself stays as it was sealed."""
    if is_suppressed(connection, row.key.person):
        return "stopped since the night was decided"
    if has_left_since(connection, row.account_id, night.exits_known):
        return "cancelled since the night was decided"
    if has_other_tonight(connection, row):
        return "had another message of this night already"
    return None


def _ledger_row(row: Mapping[str, Any], key: LedgerKey, night: Night, sender: Sender, now: datetime) -> LedgerRow:
    return LedgerRow(
        message_id=row["message_id"],
        key=key,
        account_id=row["account_id"],
        contact_id=row["contact_id"],
        as_of=night.as_of,
        revision=night.revision,
        status="reserved",
        sender=sender.name,
        detail="",
        reserved_at=now,
    )
