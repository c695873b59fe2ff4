"""The ledger: one row a message, reserved under its unique key before anything leaves."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from sqlalchemy import ColumnElement, Connection, Engine, Row, func, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from stillhere.operations.open import reading
from stillhere.operations.runs import Mode, naive_utc
from stillhere.operations.tables import contacts_made, ledger

Status = Literal["reserved", "handing_over", "accepted", "refused", "unknown", "dropped"]
SETTLED: frozenset[str] = frozenset({"accepted", "refused", "unknown", "dropped"})
MAY_HAVE_LEFT: frozenset[str] = frozenset({"handing_over", "accepted", "unknown"})
"""In any other status a message surely did not leave, so a later run may try it."""

NOBODYS_ACCOUNT = ""
"""The account of notices to our own people: they are no contact, and no night counts as sent for them."""


@dataclass(frozen=True, slots=True)
class LedgerKey:
    """What may exist once: a campaign's message to a person about an occasion, in one mode."""

    mode: Mode
    campaign: str
    person: str
    occasion: str


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One message and what became of it. Times are UTC."""

    message_id: str
    key: LedgerKey
    account_id: str
    contact_id: str | None
    as_of: date
    revision: int
    status: Status
    sender: str
    detail: str
    reserved_at: datetime
    handed_over_at: datetime | None = None
    settled_at: datetime | None = None


def reserve(connection: Connection, row: LedgerRow) -> Status:
    """Reserves a message's unique row, or finds it taken; gives the status it has now.

    A row that surely did not leave (refused, dropped, or reserved by a run that died) is reserved again, for the night
    that asks now. A preview is always written anew.
    """
    values = {
        "message_id": row.message_id,
        "mode": row.key.mode,
        "campaign": row.key.campaign,
        "person": row.key.person,
        "occasion": row.key.occasion,
        "account_id": row.account_id,
        "contact_id": row.contact_id,
        "as_of": row.as_of,
        "revision": row.revision,
        "status": "reserved",
        "reserved_at": naive_utc(row.reserved_at),
        "handed_over_at": None,
        "settled_at": None,
        "sender": row.sender,
        "detail": "",
    }
    insert = postgresql_insert if connection.dialect.name == "postgresql" else sqlite_insert
    # Named by no key: PostgreSQL waits for another sender's row only on the key that is named, and a table with two
    # unique keys then fails on the other one.
    new = connection.execute(insert(ledger).values(values).on_conflict_do_nothing())
    if new.rowcount == 1:
        return "reserved"
    again = (ledger.c.mode == "preview") | ledger.c.status.not_in(sorted(MAY_HAVE_LEFT))
    connection.execute(update(ledger).where(*_same_key(row.key), again).values(values))
    status: Status = connection.execute(select(ledger.c.status).where(*_same_key(row.key))).scalar_one()
    return status


def begin_hand_over(connection: Connection, key: LedgerKey, now: datetime) -> bool:
    """Takes a reserved message for this sender; False when another one was quicker."""
    taken = (
        update(ledger)
        .where(*_same_key(key), ledger.c.status == "reserved")
        .values(status="handing_over", handed_over_at=naive_utc(now))
    )
    return connection.execute(taken).rowcount == 1


def settle(connection: Connection, key: LedgerKey, status: Status, now: datetime, detail: str = "") -> None:
    """Writes what became of a message."""
    values = {"status": status, "settled_at": naive_utc(now), "detail": detail}
    connection.execute(update(ledger).where(*_same_key(key)).values(**values))


def settle_abandoned(connection: Connection, key: LedgerKey, status: Status, now: datetime, detail: str) -> None:
    """As `settle`, of a message that is in hand still: what its own sender has settled in the meantime stands."""
    values = {"status": status, "settled_at": naive_utc(now), "detail": detail}
    in_hand = ledger.c.status == "handing_over"
    connection.execute(update(ledger).where(*_same_key(key), in_hand).values(**values))


def left_in_hand(connection: Connection, mode: Mode) -> list[LedgerRow]:
    """Messages whose hand-over began and was never settled: a process died in between."""
    query = select(ledger).where(ledger.c.mode == mode, ledger.c.status == "handing_over").order_by(ledger.c.message_id)
    return [_row(row) for row in connection.execute(query)]


def rows_of(engine: Engine, as_of: date | None = None, mode: Mode | None = None) -> list[LedgerRow]:
    """Ledger rows of a night, or all, ordered by message."""
    query = select(ledger).order_by(ledger.c.as_of, ledger.c.message_id)
    if as_of is not None:
        query = query.where(ledger.c.as_of == as_of)
    if mode is not None:
        query = query.where(ledger.c.mode == mode)
    with reading(engine) as connection:
        return [_row(row) for row in connection.execute(query)]


def statuses(connection: Connection, mode: Mode, message_ids: Collection[str]) -> dict[str, Status]:
    """Status by message id, for those of some messages that have a row."""
    query = select(ledger.c.message_id, ledger.c.status).where(ledger.c.mode == mode)
    wanted = set(message_ids)
    return {row.message_id: row.status for row in connection.execute(query) if row.message_id in wanted}


def live_days(connection: Connection) -> set[date]:
    """The days of which anything was handed over live: messages that may have left, calls, places of held-out ones."""
    sent = select(ledger.c.as_of).where(
        ledger.c.mode == "live",
        ledger.c.status.in_(sorted(MAY_HAVE_LEFT)),
        ledger.c.account_id != NOBODYS_ACCOUNT,
    )
    days = set(connection.scalars(sent.distinct()))
    return days | set(connection.scalars(select(contacts_made.c.as_of).distinct()))


def newest_live_day(engine: Engine) -> date | None:
    """The newest day that was handed over live, by messages, calls or held-out accounts; None before the first."""
    with reading(engine) as connection:
        sent = connection.scalar(
            select(func.max(ledger.c.as_of)).where(
                ledger.c.mode == "live",
                ledger.c.status.in_(sorted(MAY_HAVE_LEFT)),
                ledger.c.account_id != NOBODYS_ACCOUNT,
            )
        )
        made = connection.scalar(select(func.max(contacts_made.c.as_of)))
    return max((day for day in (sent, made) if day is not None), default=None)


def live_message_ids(engine: Engine, as_of: date) -> set[str]:
    """Messages of a day that may have left."""
    query = select(ledger.c.message_id).where(
        ledger.c.mode == "live", ledger.c.as_of == as_of, ledger.c.status.in_(sorted(MAY_HAVE_LEFT))
    )
    with reading(engine) as connection:
        return set(connection.scalars(query))


def has_other_tonight(connection: Connection, row: LedgerRow) -> bool:
    """Whether this person or account has another live message of the same day, say of an earlier revision."""
    other = select(ledger.c.message_id).where(
        ledger.c.mode == "live",
        ledger.c.as_of == row.as_of,
        ledger.c.message_id != row.message_id,
        ledger.c.account_id != NOBODYS_ACCOUNT,
        (ledger.c.person == row.key.person) | (ledger.c.account_id == row.account_id),
        ledger.c.status.in_(sorted(MAY_HAVE_LEFT)),
    )
    return row.account_id != NOBODYS_ACCOUNT and connection.scalar(other.limit(1)) is not None


def counts(engine: Engine, as_of: date, mode: Mode) -> dict[str, int]:
    """How many messages of a night have each status."""
    query = (
        select(ledger.c.status, func.count().label("messages"))
        .where(ledger.c.as_of == as_of, ledger.c.mode == mode)
        .group_by(ledger.c.status)
        .order_by(ledger.c.status)
    )
    with reading(engine) as connection:
        return {row.status: row.messages for row in connection.execute(query)}


def _same_key(key: LedgerKey) -> tuple[ColumnElement[bool], ...]:
    return (
        ledger.c.mode == key.mode,
        ledger.c.campaign == key.campaign,
        ledger.c.person == key.person,
        ledger.c.occasion == key.occasion,
    )


def _row(row: Row[tuple[object, ...]]) -> LedgerRow:
    return LedgerRow(
        message_id=row.message_id,
        key=LedgerKey(row.mode, row.campaign, row.person, row.occasion),
        account_id=row.account_id,
        contact_id=row.contact_id,
        as_of=row.as_of,
        revision=row.revision,
        status=row.status,
        sender=row.sender,
        detail=row.detail,
        reserved_at=row.reserved_at,
        handed_over_at=row.handed_over_at,
        settled_at=row.settled_at,
    )
