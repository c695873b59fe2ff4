"""Settles doubts: messages that may or may not have left, by what the provider says of them.

First the provider's events that are stored already, then its log. That something is missing in a log proves nothing for
hours; and since our own clock may be wrong, the hours are counted on the provider's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, Engine

from stillhere.operations import reading, writing
from stillhere.operations.campaign_memory import take_back_places
from stillhere.operations.hand_overs import in_doubt, note_missed, settle_doubt
from stillhere.operations.ledger import LedgerRow, statuses
from stillhere.sending.event_work import settle_by_events
from stillhere.sending.senders import LogAnswer, ProviderLog, Wanted

LOG_MAY_LAG = timedelta(hours=20)
"""A message that the log does not show this long after it was first looked for never arrived. Lags of some hours are
known; the next night comes 24 hours after the last."""
SETTLES_WITHIN = timedelta(hours=72)
"""Logs are kept for days only. Later than this nobody but a person can say what became of a message."""
NEVER_ARRIVED = "the provider's log has nothing of it"


@dataclass(frozen=True)
class Reconciled:
    """What came of it, in messages. `stayed` surely did not leave; the others wait for the log, or for a person."""

    left: int = 0
    stayed: int = 0
    waiting: int = 0
    for_a_person: int = 0

    @property
    def words(self) -> str:
        """The result in one line; empty when there was nothing in doubt."""
        counts = {
            "had left": self.left,
            "had not left": self.stayed,
            "wait for the provider's log": self.waiting,
            "need a person": self.for_a_person,
        }
        told = ", ".join(f"{count} {words}" for words, count in counts.items() if count)
        return f"of the messages in doubt {told}" if told else ""


def reconcile(engine: Engine, log: ProviderLog | None, now: datetime) -> Reconciled:
    """Settles what can be settled, and frees the places of what did not leave. Raises ProviderError.

    `log` is the provider's, or None where there is none (SMTP). Messages are asked for in their own sender's log only.
    """
    with reading(engine) as connection:
        before = in_doubt(connection)
    with writing(engine) as connection:
        settle_by_events(connection, [row.message_id for row in before], now)
        open_rows = in_doubt(connection)
    asked = [row for row in open_rows if row.sender == "sendgrid" and not _is_too_old(row, now)] if log else []
    if log is not None and asked:
        answer = log.find([_wanted(row) for row in asked], each=any(_is_ripe(row, now) for row in asked))
        with writing(engine) as connection:
            _settle_by_log(connection, asked, answer, now)
    with writing(engine) as connection:
        after = in_doubt(connection)
        for day in sorted({row.as_of for row in before}):
            take_back_places(connection, day)
    return _counted(engine, before, after, now)


def needs_a_person(row: LedgerRow, now: datetime) -> bool:
    """Whether no log will say any more what became of a message in doubt."""
    return row.sender != "sendgrid" or _is_too_old(row, now)


def _settle_by_log(connection: Connection, rows: Sequence[LedgerRow], answer: LogAnswer, now: datetime) -> None:
    for status, found in (("accepted", answer.left), ("refused", answer.stayed)):
        for words in sorted(set(found.values())):
            same = [message_id for message_id, said in found.items() if said == words]
            settle_doubt(connection, same, status, words, "log", now)  # type: ignore[arg-type]  # two of its values
    if answer.asked_at is None:
        return
    missing = [row for row in rows if row.message_id not in {*answer.left, *answer.stayed}]
    note_missed(connection, [row.message_id for row in missing], answer.asked_at)
    gone = [
        row.message_id
        for row in missing
        if row.message_id in answer.missed and _waited_since(row, answer.asked_at) >= LOG_MAY_LAG
    ]
    settle_doubt(connection, gone, "refused", NEVER_ARRIVED, "log", now)


def _waited_since(row: LedgerRow, provider_now: datetime) -> timedelta:
    """How long the log has been asked in vain; what is kept until it is due is not missed before."""
    known = [_utc(moment) for moment in (row.first_missed_at, row.send_at) if moment is not None]
    return provider_now - max(known) if row.first_missed_at is not None else timedelta(0)


def _is_ripe(row: LedgerRow, now: datetime) -> bool:
    """Whether it is worth asking for a message by itself: it has been missed for as long as a log may lag."""
    return row.first_missed_at is not None and now - _utc(row.first_missed_at) >= LOG_MAY_LAG


def _is_too_old(row: LedgerRow, now: datetime) -> bool:
    return now - _utc(row.handed_over_at or row.reserved_at) > SETTLES_WITHIN


def _wanted(row: LedgerRow) -> Wanted:
    return Wanted(row.message_id, row.key.person, _utc(row.handed_over_at or row.reserved_at))


def _utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _counted(engine: Engine, before: Sequence[LedgerRow], after: Sequence[LedgerRow], now: datetime) -> Reconciled:
    open_ids = {row.message_id for row in after}
    with reading(engine) as connection:
        found = statuses(connection, "live", [row.message_id for row in before if row.message_id not in open_ids])
    for_a_person = sum(needs_a_person(row, now) for row in after)
    return Reconciled(
        left=sum(status == "accepted" for status in found.values()),
        stayed=sum(status == "refused" for status in found.values()),
        waiting=len(after) - for_a_person,
        for_a_person=for_a_person,
    )
