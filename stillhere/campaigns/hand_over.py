"""Hands a night's messages over: never twice, and nobody who has stopped since it was decided.

Each message: look for stops, reserve its unique row, take it, hand it over, settle. A process that dies in between
leaves a row that says how far it came.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl
from sqlalchemy import Connection, Engine

from stillhere.campaigns.keys import person_key
from stillhere.campaigns.senders import HandedOver, Sender
from stillhere.operations import writing
from stillhere.operations.ledger import LedgerKey, LedgerRow, begin_hand_over, left_in_hand, reserve, settle
from stillhere.operations.runs import Mode
from stillhere.operations.stops import is_paused, is_suppressed

PAUSED = "paused"
ABANDONED_AFTER = timedelta(minutes=5)
"""A hand-over takes seconds (time-outs: 30); one that has been open for longer belongs to a process that is gone."""


@dataclass(frozen=True)
class Night:
    """What of a night a hand-over needs to know."""

    as_of: date
    revision: int
    planned_at: datetime
    left_since: frozenset[str] = frozenset()
    """Accounts that have left, or paid, since the night was decided: their messages are dropped."""


@dataclass
class HandOverSummary:
    """How many messages ended how: accepted, refused, unknown, dropped, paused, earlier (settled before)."""

    counts: Counter[str] = field(default_factory=Counter)

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
    held: Collection[str] = (),
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> HandOverSummary:
    """Hands over every message that is not held and not settled yet.

    `held` are message ids that must stay. Safe to call again after any crash, and from two processes at once.
    """
    summary = HandOverSummary()
    _settle_abandoned(engine, sender, mode, clock())
    waiting = outbox.filter(~pl.col("message_id").is_in(list(held)))
    for done, row in enumerate(waiting.iter_rows(named=True), start=1):
        summary.counts[_one(row, night, engine, sender, mode, clock)] += 1
        progress(done, waiting.height)
    return summary


def _settle_abandoned(engine: Engine, sender: Sender, mode: Mode, now: datetime) -> None:
    """Messages that a dead process had in hand: files are written again, anything else becomes unknown."""
    with writing(engine) as connection:
        for row in left_in_hand(connection, mode, older_than=None if sender.may_repeat else now - ABANDONED_AFTER):
            if row.sender == "files":
                settle(connection, row.key, "reserved", now, "cut off; written again")
            else:
                settle(
                    connection, row.key, "unknown", now, "cut off while it was handed over; look at the provider's log"
                )


def _one(
    row: Mapping[str, Any],
    night: Night,
    engine: Engine,
    sender: Sender,
    mode: Mode,
    clock: Callable[[], datetime],
) -> str:
    key = LedgerKey(mode, row["campaign"], person_key(row["email"], row["account_id"]), row["occasion"])
    with writing(engine) as connection:
        if is_paused(connection, row["campaign"]):
            return PAUSED
        status = reserve(connection, _ledger_row(row, key, night, sender, clock()))
        # A preview has keys of its own and blocks nothing, itself included: it is simply written again.
        if mode == "live" and status != "reserved":
            return "earlier" if status != "handing_over" else "in hand"
        why = _dropped_since(connection, row, key.person, night)
        if why is not None:
            settle(connection, key, "dropped", clock(), why)
            return "dropped"
        if mode == "live" and not begin_hand_over(connection, key, clock()):
            return "in hand"
    outcome: HandedOver = sender.send(row, night.planned_at)
    with writing(engine) as connection:
        settle(connection, key, outcome.status, clock(), outcome.detail)
    return outcome.status


def _dropped_since(connection: Connection, row: Mapping[str, Any], person: str, night: Night) -> str | None:
    if is_suppressed(connection, person):
        return "stopped since the night was decided"
    if row["account_id"] in night.left_since:
        return "left or paid since the night was decided"
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
