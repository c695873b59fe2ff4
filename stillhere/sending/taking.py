"""Taking messages in hand: in one transaction, what may leave is written down, and what must not is left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection

from stillhere.campaigns.keys import person_key
from stillhere.operations.hand_overs import one_at_a_time, put
from stillhere.operations.ledger import MAY_HAVE_LEFT, LedgerKey, LedgerRow, Tonight, statuses, tonight
from stillhere.operations.peace import in_peace_among, objected_among
from stillhere.operations.runs import Mode, naive_utc
from stillhere.operations.stops import left_since, paused_among, suppressed_among
from stillhere.sending.senders import Bundle

DropReason = str
STOPPED = "stopped since the night was decided"
CANCELLED = "cancelled since the night was decided"
OTHER_TONIGHT = "had another message of this night already"
IN_PEACE = "erased, or to be left in peace, since the night was decided"
OBJECTED = "has objected to profiling since the night was decided"
HOURS_OVER = "its reader's hours are over"


@dataclass(frozen=True)
class Night:
    """What of a night a hand-over needs to know. `exits_known` are those the decisions had seen (account, when).

    `profiling` are the campaigns that an objection ends. With `keeps_hours` a message arrives within its reader's
    hours only; with `is_scheduled` the provider keeps it until they begin.
    """

    as_of: date
    revision: int
    planned_at: datetime
    exits_known: frozenset[tuple[str, datetime]] = frozenset()
    profiling: frozenset[str] = frozenset()
    keeps_hours: bool = False
    is_scheduled: bool = False
    ends_at: datetime | None = None
    """The end of its day (UTC): what another tool tells of an earlier exit is history, known to billing or not."""


@dataclass
class Taken:
    """Outbox rows that are in hand now, under one claim, and how many others are not and why.

    `others` counts paused, early, earlier and in hand; `dropped` counts by reason.
    """

    claim: str
    rows: list[Mapping[str, Any]] = field(default_factory=list)
    others: Counter[str] = field(default_factory=Counter)
    dropped: Counter[DropReason] = field(default_factory=Counter)


def take(
    connection: Connection, bundle: Bundle, night: Night, sender: str, mode: Mode, claim: str, now: datetime
) -> Taken:
    """Takes the rows of a bundle that may leave. Call it in a transaction of its own; before that, nothing leaves."""
    one_at_a_time(connection)
    taken = Taken(claim)
    free = _free(connection, bundle.rows, mode, taken)
    if night.keeps_hours and not night.is_scheduled and mode == "live":
        free = _not_early(free, now, taken)
    wanted = [_Wanted.of(row) for row in free]
    reasons = _Reasons.of(connection, wanted, night, mode)
    written: list[LedgerRow] = []
    at = naive_utc(now)  # once, not for each row
    for row, one in zip(free, wanted, strict=True):
        why = reasons.why_not(one) or (HOURS_OVER if _is_late(row, bundle, night, mode, now) else None)
        if why is not None:
            taken.dropped[why] += 1
            ends: dict[str, Any] = {"status": "dropped", "detail": why, "settled_at": at, "settled_by": "sender"}
        else:
            taken.rows.append(row)
            held = {"claim": claim, "batch_id": bundle.batch_id, "send_at": bundle.due_at(row)}
            ends = {"status": "handing_over", "detail": "", "handed_over_at": at, **held}
            reasons.note(one)
        written.append(
            LedgerRow(
                message_id=one.message_id,
                key=LedgerKey(mode, one.campaign, one.person, row["occasion"]),
                account_id=one.account_id,
                contact_id=row["contact_id"],
                as_of=night.as_of,
                revision=night.revision,
                sender=sender,
                reserved_at=at,
                **ends,
            )
        )
    put(connection, written)
    return taken


def _free(
    connection: Connection, rows: Sequence[Mapping[str, Any]], mode: Mode, taken: Taken
) -> list[Mapping[str, Any]]:
    """Rows that are not paused, not settled and in nobody's hand. A preview is always free."""
    if mode == "preview":
        return list(rows)
    paused = paused_among(connection, {row["campaign"] for row in rows})
    standing = statuses(connection, mode, [row["message_id"] for row in rows])
    free = []
    for row in rows:
        status = standing.get(row["message_id"])
        if row["campaign"] in paused:
            taken.others["paused"] += 1
        elif status in MAY_HAVE_LEFT:
            taken.others["in hand" if status == "handing_over" else "earlier"] += 1
        else:
            free.append(row)
    return free


def _not_early(rows: Sequence[Mapping[str, Any]], now: datetime, taken: Taken) -> list[Mapping[str, Any]]:
    """Rows whose reader's hours have begun; the others wait for a later run."""
    due = [row for row in rows if row.get("send_at") is None or row["send_at"] <= now]
    taken.others["early"] += len(rows) - len(due)
    return due


def _is_late(row: Mapping[str, Any], bundle: Bundle, night: Night, mode: Mode, now: datetime) -> bool:
    """Whether a message would arrive after its reader's hours: handed over in the evening, say after a late yes."""
    until = row.get("send_until")
    if not night.keeps_hours or mode != "live" or until is None:
        return False
    due = bundle.due_at(row) if night.is_scheduled else None
    return bool((due or now) >= until)


class _Wanted(NamedTuple):
    """One message and whom it is for."""

    message_id: str
    campaign: str
    person: str
    account_id: str

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> _Wanted:
        account = row["account_id"]
        return cls(row["message_id"], row["campaign"], person_key(row["email"], account), account)


@dataclass
class _Reasons:
    """What has happened since the decision; the decision itself stays as it was sealed."""

    suppressed: set[str]
    in_peace: set[str]
    objected: set[str]
    profiling: frozenset[str]
    cancelled: set[str]
    tonight: Tonight
    mode: Mode
    people: set[str] = field(default_factory=set)
    accounts: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, connection: Connection, wanted: Sequence[_Wanted], night: Night, mode: Mode) -> _Reasons:
        people, accounts = {one.person for one in wanted}, {one.account_id for one in wanted}
        subjects = people | {account for account in accounts if account}
        return cls(
            suppressed=suppressed_among(connection, people),
            # The day on which a night's messages reach people is the one after it.
            in_peace=in_peace_among(connection, subjects, night.as_of + timedelta(days=1)),
            objected=objected_among(connection, subjects),
            profiling=night.profiling,
            cancelled=left_since(connection, accounts, night.exits_known, night.ends_at),
            tonight=tonight(connection, night.as_of, people, accounts),
            mode=mode,
        )

    def why_not(self, one: _Wanted) -> DropReason | None:
        person, account = one.person, one.account_id
        if person in self.suppressed:
            return STOPPED
        if person in self.in_peace or account in self.in_peace:
            return IN_PEACE
        if one.campaign in self.profiling and (person in self.objected or account in self.objected):
            return OBJECTED
        if account in self.cancelled:
            return CANCELLED
        has_other = self.tonight.has_other(one.message_id, person, account)
        return OTHER_TONIGHT if has_other or person in self.people or account in self.accounts else None

    def note(self, one: _Wanted) -> None:
        """This one is on its way; notices to our own people and previews are in nobody's way."""
        if self.mode == "live" and one.account_id:
            self.people.add(one.person)
            self.accounts.add(one.account_id)
