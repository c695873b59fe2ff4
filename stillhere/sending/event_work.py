"""What follows from the provider's events: who must not be written to, and which doubtful message has left.

Events may come twice, late and in any order. Everything that follows here is the same whatever the order: a stop is
only ever added, and a campaign that people complain about stops itself (`guard.py`).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine

from stillhere.operations import writing
from stillhere.operations.hand_overs import settle_doubt
from stillhere.operations.mail_events import MailEvent, kinds_of, mark_worked, name_messages, unworked
from stillhere.operations.stops import Suppression, add_suppressions
from stillhere.sending.guard import is_hard, stop_bad_campaigns

EVENTS_AT_ONCE = 1000
"""A transaction of some tens of milliseconds: nobody who sends or stops waits for it."""
SOURCE = "provider's event"
STAYED_KINDS = frozenset({"dropped", "cancel_drop"})

StopReason = Literal["bounce", "complaint", "unsubscribed"]
STOPS: dict[str, StopReason] = {
    "spamreport": "complaint",
    "unsubscribe": "unsubscribed",
    "group_unsubscribe": "unsubscribed",
}
DROPPED_BECAUSE: dict[str, StopReason] = {
    "bounced address": "bounce",
    "invalid": "bounce",
    "spam reporting address": "complaint",
    "unsubscribed address": "unsubscribed",
}
"""The provider refuses what it has on its own lists; then the person belongs on ours too."""


def work_events(engine: Engine, zone: ZoneInfo, now: datetime, *, at_most: int | None = None) -> int:
    """Works events that are stored and not worked yet, all of them by default; gives how many it worked.

    May run in several processes at once. `zone` gives the day since which a person is stopped.
    """
    worked = 0
    while at_most is None or worked < at_most:
        with writing(engine) as connection:
            events = unworked(connection, EVENTS_AT_ONCE)
            if events:
                _work(connection, events, zone, now)
        worked += len(events)
        if len(events) < EVENTS_AT_ONCE:
            break
    return worked


def stop_of(event: MailEvent) -> StopReason | None:
    """Why an event's addressee gets no more mail, or None where it is no reason."""
    if event.kind == "bounce":
        return "bounce" if is_hard(event.subtype) else None
    if event.kind == "dropped":
        return DROPPED_BECAUSE.get((event.reason or "").lower())
    return STOPS.get(event.kind)


def _work(connection: Connection, events: list[MailEvent], zone: ZoneInfo, now: datetime) -> None:
    stops = []
    for event in sorted(events, key=lambda one: (one.occurred_at, one.event_id)):
        reason = stop_of(event)
        if reason and event.email:
            since = event.occurred_at.replace(tzinfo=UTC).astimezone(zone).date()
            stops.append(Suppression(event.email, reason, since, SOURCE))
    add_suppressions(connection, stops)
    found = name_messages(connection, events)
    told = [event.message_id or found.get(event.event_id) for event in events]
    settle_by_events(connection, [message_id for message_id in told if message_id], now)
    if any(event.kind in ("spamreport", "bounce") for event in events):
        stop_bad_campaigns(connection, now)
    mark_worked(connection, [event.event_id for event in events], now)


def settle_by_events(connection: Connection, message_ids: Collection[str], now: datetime) -> None:
    """Settles doubts by stored events: any of a message says that it left, but for those that say it was let go.

    A message with both is never tried again.
    """
    kinds = kinds_of(connection, message_ids)
    stayed = {message_id for message_id, some in kinds.items() if some <= STAYED_KINDS}
    settle_doubt(connection, kinds.keys() - stayed, "accepted", "the provider's events tell of it", "webhook", now)
    settle_doubt(connection, stayed, "refused", "the provider let it go", "webhook", now)
