"""Exits that another tool has recorded: one an account and leaving, the newest import counts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, delete, select

from stillhere.operations.open import reading
from stillhere.operations.runs import naive_utc
from stillhere.operations.statements import among
from stillhere.operations.tables import exits

SAME_EXIT_DAYS = 31
"""Tools note the request, the end of the month, or the day they heard of it: within a month it is one leaving.
`int_exits` draws the line at the same place."""


@dataclass(frozen=True, slots=True)
class ImportedExit:
    """One exit as another tool tells it. Moments are UTC without a zone, as the database keeps them.

    `reason` is an id of `goodbye.yml`, `something_else`, or None where none was given; `kind` is `voluntary`,
    `involuntary` or None; `outcome` is `left`, `saved` or `undecided`.
    """

    account_id: str
    requested_at: datetime
    effective_at: datetime | None
    reason: str | None
    comment: str | None
    offer: str | None
    outcome: str
    kind: str | None
    may_quote: bool


@dataclass(frozen=True)
class ImportPlan:
    """What an import comes to: new exits, those that say something else than before, and how many say the same."""

    new: tuple[ImportedExit, ...]
    changed: tuple[tuple[ImportedExit, ImportedExit], ...]
    same: int


def is_same_exit(one: datetime, other: datetime) -> bool:
    """Whether two days on which an account left are one leaving."""
    return abs(one - other) <= timedelta(days=SAME_EXIT_DAYS)


def plan_import(stored: Iterable[ImportedExit], incoming: Sequence[ImportedExit]) -> ImportPlan:
    """Compares a file with what is stored: the same account within SAME_EXIT_DAYS is the same exit."""
    by_account: dict[str, list[ImportedExit]] = {}
    for one in stored:
        by_account.setdefault(one.account_id, []).append(one)
    new: list[ImportedExit] = []
    changed: list[tuple[ImportedExit, ImportedExit]] = []
    for one in incoming:
        known = by_account.get(one.account_id, [])
        near = [other for other in known if is_same_exit(other.requested_at, one.requested_at)]
        if not near:
            new.append(one)
            continue
        before = min(near, key=lambda other: abs(other.requested_at - one.requested_at))
        known.remove(before)  # a stored exit is one of the file's at most
        if before != one:
            changed.append((before, one))
    return ImportPlan(tuple(new), tuple(changed), len(incoming) - len(new) - len(changed))


def stored_exits(connection: Connection, account_ids: Collection[str]) -> list[ImportedExit]:
    """The stored exits of some accounts, oldest first."""
    columns = [exits.c[name] for name in ImportedExit.__slots__]
    theirs = among(connection, exits.c.account_id, account_ids)
    query = select(*columns).where(theirs).order_by(*exits.primary_key)
    return [_exit(row) for row in connection.execute(query).mappings()]


def store_exits(connection: Connection, incoming: Sequence[ImportedExit], file_name: str, now: datetime) -> ImportPlan:
    """Stores a file's exits and gives what that changed; the same file a second time changes nothing."""
    plan = plan_import(stored_exits(connection, {one.account_id for one in incoming}), incoming)
    for before, _ in plan.changed:
        key = (exits.c.account_id == before.account_id, exits.c.requested_at == before.requested_at)
        connection.execute(delete(exits).where(*key))
    written = [*plan.new, *(after for _, after in plan.changed)]
    if written:
        said = {"imported_from": file_name[:255], "imported_at": naive_utc(now)}
        connection.execute(exits.insert(), [{**asdict(one), **said} for one in written])
    return plan


def with_comments(engine: Engine, sealed: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Sealed exits with the words that stand in the database now: a seal holds none, so that they can be erased."""
    query = select(exits.c.account_id, exits.c.requested_at, exits.c.comment).where(exits.c.comment.is_not(None))
    with reading(engine) as connection:
        words = {(row.account_id, row.requested_at): row.comment for row in connection.execute(query)}
    return [{**row, "comment": words.get((row["account_id"], row["requested_at"]))} for row in sealed]


def _exit(row: Mapping[Any, Any]) -> ImportedExit:
    return ImportedExit(**{**row, "may_quote": bool(row["may_quote"])})
