"""How the ledger changes: a message is taken, handed over and settled, by whoever took it and by nobody else."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import ColumnElement, Connection, DateTime, func, select, text, update

from stillhere.operations.batches import CALLED_BACK, is_called_back
from stillhere.operations.ledger import MAY_HAVE_LEFT, LedgerKey, LedgerRow, Status, row_of
from stillhere.operations.runs import Mode, naive_utc
from stillhere.operations.statements import among, insert_all, insert_into
from stillhere.operations.tables import ledger

LEDGER_LOCK_NUMBER = 7_113_006
"""Ours among PostgreSQL's advisory locks, beside the night's."""
FROZEN_SECONDS = 60
"""So long a sender may stand still in a transaction of some milliseconds; then PostgreSQL ends it, for others wait."""
OPEN = ("handing_over", "unknown")
"""What its own sender may still settle: another one may have taken it for abandoned in the meantime."""
LEFT_PERHAPS = ", ".join(f"'{status}'" for status in sorted(MAY_HAVE_LEFT))
KEY = frozenset(LedgerKey.__slots__)
TIMES = tuple(place for place, column in enumerate(ledger.c) if isinstance(column.type, DateTime))
_in_columns = attrgetter(*(f"key.{column.name}" if column.name in KEY else column.name for column in ledger.c))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one message that was in hand."""

    status: Status
    detail: str = ""
    provider_id: str | None = None


def one_at_a_time(connection: Connection) -> None:
    """Senders take messages one after the other: what one reads here, no other changes before it has written.

    On SQLite every write transaction is alone anyway.
    """
    if connection.dialect.name == "postgresql":
        limit = "set_config('idle_in_transaction_session_timeout', :limit, true)"
        values = {"number": LEDGER_LOCK_NUMBER, "limit": f"{FROZEN_SECONDS}s"}
        connection.execute(text(f"select pg_advisory_xact_lock(:number), {limit}"), values)


def put(connection: Connection, rows: Sequence[LedgerRow]) -> None:
    """Writes rows as they are, in place of any that surely did not leave; a preview is always written anew.

    Call it after `one_at_a_time`, for rows that `statuses` has shown to be free. What may have left stays as it is.
    """
    if not rows:
        return
    statement = insert_into(connection, ledger)
    key = {"mode", "message_id"}
    statement = statement.on_conflict_do_update(
        index_elements=sorted(key),
        set_={column.name: statement.excluded[column.name] for column in ledger.c if column.name not in key},
        where=text(f"ledger.mode = 'preview' or ledger.status not in ({LEFT_PERHAPS})"),
    )
    insert_all(connection, statement, map(_values, rows))


def settle(
    connection: Connection, claim: str, outcomes: Mapping[str, Outcome], now: datetime, batch_id: str | None = None
) -> None:
    """Writes what became of messages (by id) that a claim has in hand; `batch_id` is the batch they went into.

    What was queued in a batch that has been called back meanwhile is in doubt again. What a person or the provider's
    log has settled stands.
    """
    called_back = batch_id is not None and is_called_back(connection, batch_id)
    alike: dict[Outcome, list[str]] = {}
    for message_id, outcome in outcomes.items():
        doubtful = outcome.status == "accepted" and called_back
        ended = Outcome("unknown", CALLED_BACK, outcome.provider_id) if doubtful else outcome
        alike.setdefault(ended, []).append(message_id)
    for ended, message_ids in alike.items():
        _change(connection, claim, message_ids, {**asdict(ended), "settled_by": "sender", "settled_at": naive_utc(now)})


def has_in_hand(connection: Connection, claim: str, message_ids: Collection[str]) -> bool:
    """Whether a claim may still hand all of these over: none has been settled, or taken by another, since."""
    mine = select(func.count()).where(*_mine(connection, claim, message_ids))
    return connection.scalar(mine) == len(message_ids)


def give_back(connection: Connection, claim: str, message_ids: Collection[str], detail: str) -> None:
    """Messages that the provider has surely not taken wait again, for this sender or another."""
    _change(connection, claim, message_ids, {"status": "reserved", "detail": detail, "claim": None})


def leave_in_doubt(connection: Connection, mode: Mode, sender: str, now: datetime, *, may_repeat: bool) -> int:
    """Messages that a dead process had in hand: unknown, or free again where handing over twice is harmless.

    Should that process be alive after all, it settles its own messages in a moment. Gives how many there were.
    """
    in_hand = (ledger.c.mode == mode, ledger.c.status == "handing_over")
    mine = ledger.c.sender == sender if may_repeat else ledger.c.sender == ""
    again = {"status": "reserved", "detail": "cut off; written again", "claim": None}
    doubt = {"status": "unknown", "detail": "cut off while it was handed over", "settled_at": naive_utc(now)}
    repeated = connection.execute(update(ledger).where(*in_hand, mine).values(**again)).rowcount
    return repeated + connection.execute(update(ledger).where(*in_hand, ~mine).values(**doubt)).rowcount


def in_doubt(connection: Connection, mode: Mode = "live") -> list[LedgerRow]:
    """Messages of which nobody knows whether they left, the oldest first."""
    query = select(ledger).where(ledger.c.mode == mode, ledger.c.status == "unknown")
    return [row_of(row) for row in connection.execute(query.order_by(ledger.c.handed_over_at, ledger.c.message_id))]


def settle_doubt(
    connection: Connection, message_ids: Collection[str], status: Status, detail: str, by: str, now: datetime
) -> int:
    """What a log, a webhook event or a person says of unknown live messages. Gives how many were unknown still."""
    values = {"status": status, "detail": detail, "settled_at": naive_utc(now), "settled_by": by}
    unknown = (
        ledger.c.mode == "live",
        among(connection, ledger.c.message_id, message_ids),
        ledger.c.status == "unknown",
    )
    return connection.execute(update(ledger).where(*unknown).values(**values)).rowcount


def note_missed(connection: Connection, message_ids: Collection[str], provider_now: datetime) -> None:
    """The provider's log was asked at this moment of its own clock and did not show these; the first time counts."""
    first = (
        ledger.c.mode == "live",
        among(connection, ledger.c.message_id, message_ids),
        ledger.c.first_missed_at.is_(None),
    )
    connection.execute(update(ledger).where(*first).values(first_missed_at=naive_utc(provider_now)))


def _change(connection: Connection, claim: str, message_ids: Collection[str], values: Mapping[str, Any]) -> None:
    if message_ids:
        connection.execute(update(ledger).where(*_mine(connection, claim, message_ids)).values(**values))


def _mine(connection: Connection, claim: str, message_ids: Collection[str]) -> tuple[ColumnElement[bool], ...]:
    # Both modes are named so that the primary key finds the rows.
    modes = ledger.c.mode.in_(["live", "preview"])
    ours = among(connection, ledger.c.message_id, message_ids)
    return modes, ours, ledger.c.claim == claim, ledger.c.status.in_(OPEN)


def _values(row: LedgerRow) -> tuple[Any, ...]:
    values = list(_in_columns(row))
    for place in TIMES:
        if values[place] is not None:
            values[place] = naive_utc(values[place])
    return tuple(values)
