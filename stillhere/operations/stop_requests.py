"""What readers ask for on our own pages: to stop their mails, and to undo that. Each request is kept as proof."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, delete, func, select

from stillhere.operations.peace import record_objection, withdraw_objection
from stillhere.operations.runs import naive_utc
from stillhere.operations.stops import Suppression, add_suppressions
from stillhere.operations.tables import ledger, objections, stop_requests, suppressions

Asked = Literal["unsubscribed", "resubscribed", "objected", "objection withdrawn"]

LINK_SOURCE = "link in a mail"
UNDO_WITHIN = timedelta(hours=24)
"""An undo is for a slip of the finger. A mail that was passed on must not be able to undo a stop for ever."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom a live message went to. `email` is normalised."""

    message_id: str
    email: str
    account_id: str


def recipient_of(connection: Connection, message_id: str) -> Recipient | None:
    """The recipient of a live message; None for a preview, and for a message that the ledger does not know."""
    query = select(ledger.c.person, ledger.c.account_id).where(
        ledger.c.mode == "live", ledger.c.message_id == message_id, ledger.c.person.contains("@", autoescape=True)
    )
    row = connection.execute(query).one_or_none()
    return Recipient(message_id, row.person, row.account_id) if row else None


def record_request(connection: Connection, who: Recipient, asked: Asked, now: datetime) -> None:
    """Keeps who asked for what, through which mail, and when."""
    row = {"message_id": who.message_id, "email": who.email, "asked": asked, "asked_at": naive_utc(now)}
    connection.execute(stop_requests.insert().values(row))


def stop(connection: Connection, who: Recipient, now: datetime, zone: ZoneInfo) -> bool:
    """Stops all mails to a person; gives whether they were not stopped yet. An earlier reason stays."""
    since = now.astimezone(zone).date()
    new = add_suppressions(connection, [Suppression(who.email, "unsubscribed", since, LINK_SOURCE)])
    record_request(connection, who, "unsubscribed", now)
    return bool(new)


def object_to_profiling(connection: Connection, who: Recipient, now: datetime, zone: ZoneInfo) -> bool:
    """Notes a person's objection to profiling; gives whether it is new."""
    new = record_objection(connection, who.email, now.astimezone(zone).date(), LINK_SOURCE)
    record_request(connection, who, "objected", now)
    return new


def may_take_back_objection(connection: Connection, who: Recipient, now: datetime) -> bool:
    """Whether the person has objected through a link in this mail, and not long ago."""
    by_link = select(objections.c.subject).where(objections.c.subject == who.email, objections.c.source == LINK_SOURCE)
    return _asked_lately(connection, who, "objected", now) and connection.scalar(by_link) is not None


def take_back_objection(connection: Connection, who: Recipient, now: datetime) -> bool:
    """Takes an objection back that may be; gives whether it did."""
    if not may_take_back_objection(connection, who, now):
        return False
    withdraw_objection(connection, who.email)
    record_request(connection, who, "objection withdrawn", now)
    return True


def may_undo(connection: Connection, who: Recipient, now: datetime) -> bool:
    """Whether the person was stopped through a link in this mail, and not long ago."""
    by_link = select(suppressions.c.email).where(
        suppressions.c.email == who.email, suppressions.c.source == LINK_SOURCE
    )
    return _asked_lately(connection, who, "unsubscribed", now) and connection.scalar(by_link) is not None


def _asked_lately(connection: Connection, who: Recipient, asked: Asked, now: datetime) -> bool:
    moment = select(func.max(stop_requests.c.asked_at)).where(
        stop_requests.c.message_id == who.message_id, stop_requests.c.asked == asked
    )
    last: datetime | None = connection.scalar(moment)
    return last is not None and last > naive_utc(now) - UNDO_WITHIN


def undo_stop(connection: Connection, who: Recipient, now: datetime) -> bool:
    """Takes a stop back that may be undone; gives whether it did. Bounces, complaints and imported stops stay."""
    if not may_undo(connection, who, now):
        return False
    connection.execute(delete(suppressions).where(suppressions.c.email == who.email))
    record_request(connection, who, "resubscribed", now)
    return True
