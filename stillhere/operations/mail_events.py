"""What the mail provider tells about messages: stored as it comes, each event once, worked afterwards."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import Connection, func, select, update

from stillhere.operations.runs import naive_utc
from stillhere.operations.statements import among, insert_into
from stillhere.operations.tables import mail_events


@dataclass(frozen=True, slots=True)
class MailEvent:
    """One event. `kind` is the provider's own word; times are UTC; `event_id` survives that it is told again."""

    event_id: str
    provider: str
    provider_event_id: str | None
    message_id: str | None
    provider_message_id: str | None
    smtp_id: str | None
    email: str | None
    campaign: str | None
    kind: str
    subtype: str | None
    reason: str | None
    occurred_at: datetime
    received_at: datetime


COLUMNS = tuple(field.name for field in fields(MailEvent))


def store_events(connection: Connection, events: Sequence[MailEvent]) -> None:
    """Stores events; those that are there already stay as they are."""
    if not events:
        return
    # Thousands a second come: `asdict` would copy every value deeply.
    rows = [{name: getattr(event, name) for name in COLUMNS} for event in events]
    for row in rows:
        row["occurred_at"], row["received_at"] = naive_utc(row["occurred_at"]), naive_utc(row["received_at"])
    connection.execute(insert_into(connection, mail_events).on_conflict_do_nothing(), rows)


def unworked(connection: Connection, limit: int) -> list[MailEvent]:
    """Stored events from which nothing has followed yet, those received first first."""
    columns = [mail_events.c[name] for name in COLUMNS]
    query = (
        select(*columns)
        .where(mail_events.c.worked_at.is_(None))
        .order_by(mail_events.c.received_at, mail_events.c.event_id)
    )
    return [MailEvent(*row) for row in connection.execute(query.limit(limit))]


def count_unworked(connection: Connection) -> int:
    """How many stored events wait to be worked."""
    waiting = select(func.count()).select_from(mail_events).where(mail_events.c.worked_at.is_(None))
    return connection.scalar(waiting) or 0


def mark_worked(connection: Connection, event_ids: Collection[str], now: datetime) -> None:
    """Notes that everything has followed from these events."""
    these = among(connection, mail_events.c.event_id, event_ids)
    connection.execute(update(mail_events).where(these).values(worked_at=naive_utc(now)))


def name_messages(connection: Connection, events: Iterable[MailEvent]) -> dict[str, str]:
    """Gives our message id to events that came without it, from others of the same mail; event id → message id.

    A late bounce may lack our ids. It is joined by the provider's id or `smtp-id`, both together with the address, in
    either order of arrival.
    """
    found: dict[str, str] = {}
    listed = list(events)
    for column in ("provider_message_id", "smtp_id"):
        nameless = _nameless(connection, column, {key for event in listed if (key := getattr(event, column))})
        known = _known(connection, column, {key for key, _ in nameless})
        for mail, event_ids in nameless.items():
            if mail in known:
                found |= dict.fromkeys(event_ids, known[mail])
    by_message: dict[str, list[str]] = defaultdict(list)
    for event_id, message_id in found.items():
        by_message[message_id].append(event_id)
    for message_id, event_ids in by_message.items():
        connection.execute(
            update(mail_events)
            .where(among(connection, mail_events.c.event_id, event_ids))
            .values(message_id=message_id)
        )
    return found


def kinds_of(connection: Connection, message_ids: Collection[str]) -> dict[str, set[str]]:
    """The kinds of event there are of some messages, by message id."""
    found: dict[str, set[str]] = defaultdict(set)
    theirs = among(connection, mail_events.c.message_id, message_ids)
    for row in connection.execute(select(mail_events.c.message_id, mail_events.c.kind).where(theirs).distinct()):
        found[row.message_id].add(row.kind)
    return dict(found)


Mail = tuple[str, str | None]
"""One of the provider's keys, and the address."""


def _nameless(connection: Connection, column: str, keys: Collection[str]) -> Mapping[Mail, list[str]]:
    """Events with one of these keys that lack our message id."""
    found: dict[Mail, list[str]] = defaultdict(list)
    key = mail_events.c[column]
    query = select(key, mail_events.c.email, mail_events.c.event_id)
    nameless = query.where(among(connection, key, keys), mail_events.c.message_id.is_(None))
    for value, email, event_id in connection.execute(nameless):
        found[value, email].append(event_id)
    return found


def _known(connection: Connection, column: str, keys: Collection[str]) -> Mapping[Mail, str]:
    """The message of each mail with one of these keys, where an event has told it."""
    key = mail_events.c[column]
    query = select(key, mail_events.c.email, mail_events.c.message_id)
    named = query.where(among(connection, key, keys), mail_events.c.message_id.is_not(None))
    return {(value, email): message_id for value, email, message_id in connection.execute(named)}
