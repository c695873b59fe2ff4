"""The ledger: one row a message, written under its unique key before anything leaves.

What it says is read here; `hand_overs.py` changes it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import Connection, Engine, Row, func, select

from stillhere.operations.open import reading
from stillhere.operations.runs import Mode
from stillhere.operations.statements import among
from stillhere.operations.tables import contacts_made, ledger

Status = Literal["reserved", "handing_over", "accepted", "refused", "unknown", "dropped"]
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
    claim: str | None = None
    batch_id: str | None = None
    send_at: datetime | None = None
    provider_id: str | None = None
    first_missed_at: datetime | None = None
    settled_by: str | None = None


def rows_of(engine: Engine, as_of: date | None = None, mode: Mode | None = None) -> list[LedgerRow]:
    """Ledger rows of a night, or all, ordered by message."""
    query = select(ledger).order_by(ledger.c.as_of, ledger.c.message_id)
    if as_of is not None:
        query = query.where(ledger.c.as_of == as_of)
    if mode is not None:
        query = query.where(ledger.c.mode == mode)
    with reading(engine) as connection:
        return [row_of(row) for row in connection.execute(query)]


def statuses(connection: Connection, mode: Mode, message_ids: Collection[str]) -> dict[str, Status]:
    """Status by message id, for those of some messages that have a row."""
    ours = among(connection, ledger.c.message_id, message_ids)
    query = select(ledger.c.message_id, ledger.c.status).where(ledger.c.mode == mode, ours)
    return {row.message_id: row.status for row in connection.execute(query)}


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


@dataclass(frozen=True, slots=True)
class Tonight:
    """Who has a live message of a day already: message ids by person and by account."""

    by_person: Mapping[str, frozenset[str]]
    by_account: Mapping[str, frozenset[str]]

    def has_other(self, message_id: str, person: str, account_id: str) -> bool:
        """Whether a message's person or account has another one of the day, say of an earlier revision."""
        if account_id == NOBODYS_ACCOUNT or (person not in self.by_person and account_id not in self.by_account):
            return False
        found = self.by_person.get(person, frozenset()) | self.by_account.get(account_id, frozenset())
        return bool(found - {message_id})


def tonight(connection: Connection, as_of: date, people: Collection[str], account_ids: Collection[str]) -> Tonight:
    """The live messages of a day that may have left, of some people and accounts."""
    columns = (ledger.c.message_id, ledger.c.person, ledger.c.account_id)
    live = (
        ledger.c.mode == "live",
        ledger.c.as_of == as_of,
        ledger.c.account_id != NOBODYS_ACCOUNT,
        ledger.c.status.in_(sorted(MAY_HAVE_LEFT)),
    )
    by_person: dict[str, frozenset[str]] = {}
    by_account: dict[str, frozenset[str]] = {}
    for column, wanted in ((ledger.c.person, people), (ledger.c.account_id, account_ids)):
        for found in connection.execute(select(*columns).where(*live, among(connection, column, wanted))):
            one = frozenset({found.message_id})
            by_person[found.person] = by_person.get(found.person, frozenset()) | one
            by_account[found.account_id] = by_account.get(found.account_id, frozenset()) | one
    return Tonight(by_person, by_account)


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


def row_of(row: Row[Any]) -> LedgerRow:
    """A ledger row from all columns of the table."""
    values = dict(row._mapping)
    key = LedgerKey(*(values.pop(name) for name in ("mode", "campaign", "person", "occasion")))
    return LedgerRow(key=key, **values)
