"""Batches at the provider: what of a campaign's night can still be called back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, select, update

from stillhere.operations.runs import naive_utc
from stillhere.operations.tables import ledger, send_batches

CALLED_BACK = "called back before it was due; the provider's log says whether it stayed"


@dataclass(frozen=True, slots=True)
class Batch:
    """Messages of one campaign and night that can be called back together."""

    batch_id: str
    campaign: str


def open_batch_of(connection: Connection, as_of: date, campaign: str) -> str | None:
    """The batch that a campaign's messages of a night go into, or None when there is none that still stands."""
    query = select(send_batches.c.batch_id).where(
        send_batches.c.as_of == as_of, send_batches.c.campaign == campaign, send_batches.c.cancelled_at.is_(None)
    )
    return connection.scalar(query.order_by(send_batches.c.opened_at.desc()).limit(1))


def store_batch(connection: Connection, batch_id: str, as_of: date, campaign: str, now: datetime) -> None:
    """Notes a batch before anything goes into it."""
    row = {"batch_id": batch_id, "as_of": as_of, "campaign": campaign, "opened_at": naive_utc(now)}
    connection.execute(send_batches.insert().values(row))


def batches_to_call_back(connection: Connection, campaign: str | None, now: datetime) -> list[Batch]:
    """Batches that stand and hold something that is not due yet, in hand included: of a campaign, or of all."""
    due = select(ledger.c.batch_id).where(ledger.c.mode == "live", ledger.c.send_at > naive_utc(now))
    query = select(send_batches.c.batch_id, send_batches.c.campaign).where(
        send_batches.c.cancelled_at.is_(None), send_batches.c.batch_id.in_(due)
    )
    if campaign is not None:
        query = query.where(send_batches.c.campaign == campaign)
    return [Batch(row.batch_id, row.campaign) for row in connection.execute(query.order_by(send_batches.c.batch_id))]


def call_back(connection: Connection, batch_id: str, now: datetime) -> int:
    """Notes that the provider has cancelled a batch: what was to be sent from it is in doubt. Gives how many.

    Whether each stayed, the provider's log says later; until then none of them is sent again.
    """
    connection.execute(
        update(send_batches).where(send_batches.c.batch_id == batch_id).values(cancelled_at=naive_utc(now))
    )
    waiting = (ledger.c.mode == "live", ledger.c.batch_id == batch_id, ledger.c.send_at > naive_utc(now))
    values = {"status": "unknown", "detail": CALLED_BACK, "settled_at": naive_utc(now)}
    return connection.execute(update(ledger).where(*waiting, ledger.c.status == "accepted").values(**values)).rowcount


def is_called_back(connection: Connection, batch_id: str) -> bool:
    """Whether a batch has been called back. From now on until the transaction is over, nobody calls it back."""
    query = select(send_batches.c.cancelled_at).where(send_batches.c.batch_id == batch_id)
    return connection.scalar(query.with_for_update(read=True)) is not None
