"""Answers to the goodbye's one question: one an exit, the last one counts."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, select, union_all

from stillhere.operations.runs import naive_utc
from stillhere.operations.statements import insert_into
from stillhere.operations.tables import exit_answers, exits


@dataclass(frozen=True, slots=True)
class ExitAnswer:
    """What a leaving customer said. `place`: where the reason stood in the order they saw, from 1."""

    message_id: str
    account_id: str
    reason: str | None
    comment: str
    may_quote: bool
    place: int | None
    language: str


@dataclass(frozen=True, slots=True)
class Quote:
    """Words that may be shown to others, without a name."""

    reason: str | None
    comment: str
    answered_at: datetime


def store_answer(connection: Connection, answer: ExitAnswer, now: datetime) -> None:
    """Stores an answer in place of an earlier one to the same mail; when it was first given stays."""
    moment = naive_utc(now)
    statement = insert_into(connection, exit_answers).values(**asdict(answer), answered_at=moment, changed_at=moment)
    changed = {name: statement.excluded[name] for name in ("reason", "comment", "may_quote", "place", "language")}
    connection.execute(
        statement.on_conflict_do_update(index_elements=["message_id"], set_={**changed, "changed_at": moment})
    )


def has_answered(connection: Connection, message_id: str) -> bool:
    """Whether there is an answer to a mail already."""
    return (
        connection.scalar(select(exit_answers.c.message_id).where(exit_answers.c.message_id == message_id)) is not None
    )


def quotes(connection: Connection, until: datetime, limit: int) -> list[Quote]:
    """The newest words given before a moment whose writer allows that they are shown: answers, and imported exits."""
    end = naive_utc(until)
    answered = select(exit_answers.c.reason, exit_answers.c.comment, exit_answers.c.answered_at).where(
        exit_answers.c.may_quote, exit_answers.c.comment != "", exit_answers.c.answered_at < end
    )
    imported = select(exits.c.reason, exits.c.comment, exits.c.requested_at).where(
        exits.c.may_quote, exits.c.comment != "", exits.c.requested_at < end
    )
    both = union_all(answered, imported).subquery()
    newest = select(both).order_by(both.c.answered_at.desc(), both.c.comment).limit(limit)
    return [Quote(*row) for row in connection.execute(newest)]
