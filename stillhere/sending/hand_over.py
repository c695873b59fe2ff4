"""Hands a night's messages over: never twice, and nobody who has stopped since it was decided.

Each bundle: look for pauses and stops, write the rows that are taken, hand them over, settle. A process that dies in
between leaves rows that say how far it came.
"""

from __future__ import annotations

import time
import uuid
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import polars as pl
from sqlalchemy import Engine

from stillhere.operations import reading, writing
from stillhere.operations.batches import open_batch_of, store_batch
from stillhere.operations.hand_overs import Outcome, give_back, has_in_hand, leave_in_doubt, settle
from stillhere.operations.ledger import statuses
from stillhere.operations.runs import Mode
from stillhere.sending.outgoing import Outgoing
from stillhere.sending.senders import Bundle, HandedOver, Sender
from stillhere.sending.taking import DropReason, Night, Taken, take

__all__ = ["DropReason", "HandOverSummary", "Night", "hand_over"]

OUTAGES_UNTIL_STOP = 3
"""So many hand-overs in a row that reach nobody: the sender is down, and time-outs would add up to hours."""
WAITS_UNTIL_STOP = 10
"""So often in a row the provider may ask to come again; then the run ends, and the next one goes on."""
LOOK_FOR_PAUSES_SECONDS = 0.5
STOOD_STILL_SECONDS = 300
"""So long after they were taken, messages that have not left are taken anew, stops and all: the process was frozen."""
Row = Mapping[str, Any]


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


def _running_seconds() -> float:
    """Seconds that go on while this process or the machine stands still, and that nobody sets."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


def hand_over(
    outbox: Outgoing,
    night: Night,
    engine: Engine,
    sender: Sender,
    mode: Mode,
    clock: Callable[[], datetime],
    *,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
    sleep: Callable[[float], None] = time.sleep,
    running_seconds: Callable[[], float] = _running_seconds,
) -> HandOverSummary:
    """Hands over every message that is not settled yet.

    Safe to call again after any crash, and from two processes at once. Stops early when the sender reaches nobody.
    """
    summary, outages = HandOverSummary(), 0
    with writing(engine) as connection:
        leave_in_doubt(connection, mode, sender.name, clock(), may_repeat=sender.may_repeat)
    work = _Work(night, engine, sender, mode, clock, sleep, running_seconds)
    waiting = _not_settled(outbox, work, summary)
    done = outbox.messages - waiting.messages
    for rows in waiting.bundles(sender.at_once):
        reached_nobody = _hand_over_bundle(rows, work, summary)
        done += len(rows)
        progress(done, outbox.messages)
        outages = outages + 1 if reached_nobody else 0
        if outages == OUTAGES_UNTIL_STOP:
            summary.counts["waiting"] += outbox.messages - done
            break
    return summary


@dataclass(frozen=True)
class _Work:
    """What every bundle of a run needs."""

    night: Night
    engine: Engine
    sender: Sender
    mode: Mode
    clock: Callable[[], datetime]
    sleep: Callable[[float], None]
    running_seconds: Callable[[], float]


def _not_settled(outbox: Outgoing, work: _Work, summary: HandOverSummary) -> Outgoing:
    """What an earlier run has not settled. Only a first look: whoever takes a message looks again."""
    if work.mode == "preview":
        return outbox
    with reading(work.engine) as connection:
        standing = statuses(connection, work.mode, outbox.heads["message_id"].to_list())
    settled = {message_id for message_id, status in standing.items() if status in ("accepted", "unknown")}
    summary.counts["earlier"] += len(settled)
    return outbox.only(outbox.heads.filter(~pl.col("message_id").is_in(sorted(settled))))


def _hand_over_bundle(rows: Sequence[Row], work: _Work, summary: HandOverSummary) -> bool:
    """One bundle to its end; gives whether nobody was reached. Rows that are put off are taken anew, stops and all."""
    reached_nobody = False
    for _ in range(WAITS_UNTIL_STOP):
        bundle = _bundle(rows, work)
        if bundle is None:
            summary.counts["waiting"] += len(rows)
            return True
        taken_at, taken = work.running_seconds(), _take(bundle, work, summary)
        if not taken.rows:
            return reached_nobody
        still_ours = partial(_still_ours, work, taken.claim, taken_at)
        told = work.sender.send(replace(bundle, rows=taken.rows, still_ours=still_ours))
        rows = _settle(taken, told, bundle.batch_id, work, summary)
        reached_nobody = any(one.no_connection for one in told)
        if not rows:
            return reached_nobody
        _wait(max(one.retry_after_seconds or 0.0 for one in told), work.sleep)
    summary.counts["waiting"] += len(rows)
    return True


def _bundle(rows: Sequence[Row], work: _Work) -> Bundle | None:
    """The rows with the batch they can be called back by; None when the provider does not answer."""
    sender, night = work.sender, work.night
    if work.mode == "preview" or sender.call_back_minutes == 0:
        return Bundle(rows, night.planned_at)
    campaign = rows[0]["campaign"]
    with writing(work.engine) as connection:
        batch_id = open_batch_of(connection, night.as_of, campaign)
    if batch_id is None:
        batch_id = sender.open_batch()
        if batch_id is None:
            return None
        with writing(work.engine) as connection:
            store_batch(connection, batch_id, night.as_of, campaign, work.clock())
    send_at = work.clock() + timedelta(minutes=sender.call_back_minutes)
    return Bundle(rows, night.planned_at, send_at, batch_id)


def _take(bundle: Bundle, work: _Work, summary: HandOverSummary) -> Taken:
    claim = uuid.uuid4().hex
    with writing(work.engine) as connection:
        taken = take(connection, bundle, work.night, work.sender.name, work.mode, claim, work.clock())
    summary.counts.update(taken.others)
    summary.dropped.update(taken.dropped)
    summary.counts["dropped"] += taken.dropped.total()
    return taken


def _still_ours(work: _Work, claim: str, taken_at: float, message_ids: Collection[str]) -> bool:
    if work.running_seconds() - taken_at > STOOD_STILL_SECONDS:
        return False
    # The ledger is asked as well: a machine that was paused does not know for how long.
    with reading(work.engine) as connection:
        return work.mode == "preview" or has_in_hand(connection, claim, message_ids)


def _settle(
    taken: Taken, told: Sequence[HandedOver], batch_id: str | None, work: _Work, summary: HandOverSummary
) -> list[Row]:
    """Writes what became of the messages; gives those the provider asks to bring later."""
    by_id = {row["message_id"]: outcome for row, outcome in zip(taken.rows, told, strict=True)}
    later = {message_id for message_id, outcome in by_id.items() if outcome.retry_after_seconds is not None}
    ended = {
        message_id: Outcome(outcome.status, outcome.detail, outcome.provider_id)
        for message_id, outcome in by_id.items()
        if message_id not in later
    }
    with writing(work.engine) as connection:
        settle(connection, taken.claim, ended, work.clock(), batch_id)
        give_back(connection, taken.claim, later, "the provider asked to come again later")
    summary.counts.update(outcome.status for outcome in ended.values())
    return [row for row in taken.rows if row["message_id"] in later]


def _wait(seconds: float, sleep: Callable[[float], None]) -> None:
    while seconds > 0:
        sleep(min(seconds, LOOK_FOR_PAUSES_SECONDS))
        seconds -= LOOK_FOR_PAUSES_SECONDS
