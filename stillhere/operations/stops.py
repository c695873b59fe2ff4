"""Stops: who must not be written to (suppressions), and what is paused (the kill switch)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import Connection, Engine, delete, func, select

from stillhere.operations.open import reading, writing
from stillhere.operations.runs import naive_utc
from stillhere.operations.statements import among, insert_into
from stillhere.operations.tables import exits, pauses, suppression_imports, suppressions

EVERYTHING = "*"


@dataclass(frozen=True, slots=True)
class Suppression:
    """One address that gets no mail. `email` is normalised: trimmed, lower case."""

    email: str
    reason: str
    since: date
    source: str


@dataclass(frozen=True, slots=True)
class Pause:
    """A campaign, or everything (`*`), that is paused."""

    subject: str
    paused_at: datetime
    because: str


def add_suppressions(connection: Connection, stops: Iterable[Suppression]) -> int:
    """Adds addresses that are not stopped yet; an earlier stop keeps its reason. Gives how many are new."""
    wanted = {stop.email: stop for stop in reversed(list(stops))}
    known = suppressed_among(connection, wanted)
    fresh = {email: stop for email, stop in wanted.items() if email not in known}
    if fresh:
        # Somebody else may be adding the same address at this moment.
        connection.execute(
            insert_into(connection, suppressions).on_conflict_do_nothing(), [asdict(stop) for stop in fresh.values()]
        )
    return len(fresh)


def record_import(connection: Connection, import_id: str, source: str, addresses: int, now: datetime) -> None:
    """Notes that the old provider's stops were taken over; the first live night asks for it."""
    connection.execute(delete(suppression_imports).where(suppression_imports.c.import_id == import_id))
    row = {"import_id": import_id, "imported_at": naive_utc(now), "source": source, "addresses": addresses}
    connection.execute(suppression_imports.insert().values(row))


def has_imported(engine: Engine) -> bool:
    """Whether old stops were imported, or somebody has said that there are none."""
    with reading(engine) as connection:
        return bool(connection.scalar(select(func.count()).select_from(suppression_imports)))


def is_suppressed(connection: Connection, email: str) -> bool:
    """Whether an address must not be written to."""
    return email in suppressed_among(connection, [email])


def suppressed_among(connection: Connection, emails: Collection[str]) -> set[str]:
    """Which of some addresses must not be written to."""
    named = among(connection, suppressions.c.email, emails)
    return set(connection.scalars(select(suppressions.c.email).where(named)))


def left_since(
    connection: Connection,
    account_ids: Collection[str],
    known: Collection[tuple[str, datetime]],
    after: datetime | None = None,
) -> set[str]:
    """Which accounts have an exit that is not among the known ones (account, when) and was not taken back.

    With `after` (UTC) only exits asked for from then on count.
    """
    theirs = among(connection, exits.c.account_id, account_ids)
    query = select(exits.c.account_id, exits.c.requested_at).where(theirs, exits.c.outcome != "saved")
    if after is not None:
        query = query.where(exits.c.requested_at >= after)
    rows = connection.execute(query)
    return {row.account_id for row in rows if (row.account_id, row.requested_at) not in known}


def pause(engine: Engine, subject: str, because: str, now: datetime) -> None:
    """Pauses a campaign, or everything; a sender in mid-send sees it before its next messages."""
    with writing(engine) as connection:
        pause_in(connection, subject, because, now)


def pause_in(connection: Connection, subject: str, because: str, now: datetime) -> None:
    """As `pause`, within a transaction."""
    connection.execute(delete(pauses).where(pauses.c.subject == subject))
    connection.execute(pauses.insert().values(subject=subject, paused_at=naive_utc(now), because=because))


def resume(engine: Engine, subject: str) -> bool:
    """Ends a pause; gives whether there was one."""
    with writing(engine) as connection:
        return connection.execute(delete(pauses).where(pauses.c.subject == subject)).rowcount > 0


def paused(engine: Engine) -> list[Pause]:
    """All that is paused now."""
    with reading(engine) as connection:
        return [Pause(**row) for row in connection.execute(select(pauses).order_by(pauses.c.subject)).mappings()]


def paused_among(connection: Connection, campaigns: Collection[str]) -> set[str]:
    """Which of some campaigns are paused at this instant, by themselves or with everything else."""
    subjects = set(connection.scalars(select(pauses.c.subject)))
    return set(campaigns) if EVERYTHING in subjects else subjects & set(campaigns)
