"""Whom to leave in peace: objections to profiling, people who were erased, and what a person has asked for."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import Connection, Engine, delete, select

from stillhere.operations.open import reading, writing
from stillhere.operations.runs import naive_utc
from stillhere.operations.statements import among
from stillhere.operations.tables import do_not_disturb, erasures, objections


@dataclass(frozen=True, slots=True)
class Peace:
    """Do not disturb: an account id or a normalised address, up to and with `until_date`."""

    subject: str
    until_date: date
    because: str
    set_by: str


def subject_key(subject: str) -> str:
    """An address is normalised (trimmed, lower case); an account id stays as the source writes it."""
    trimmed = subject.strip()
    return trimmed.lower() if "@" in trimmed else trimmed


def address_hash(email: str) -> str:
    """What is kept of an erased person: a hash of the normalised address."""
    return hashlib.sha256(f"stillhere:{email.strip().lower()}".encode()).hexdigest()


def do_not_disturb_until(engine: Engine, peace: Peace, now: datetime) -> None:
    """Sets, or moves, the day until which nobody turns to an account or a person."""
    row = {**asdict(peace), "subject": subject_key(peace.subject), "set_at": naive_utc(now)}
    with writing(engine) as connection:
        connection.execute(delete(do_not_disturb).where(do_not_disturb.c.subject == row["subject"]))
        connection.execute(do_not_disturb.insert().values(row))


def end_do_not_disturb(engine: Engine, subject: str) -> bool:
    """Ends it; gives whether there was one."""
    key = subject_key(subject)
    with writing(engine) as connection:
        return connection.execute(delete(do_not_disturb).where(do_not_disturb.c.subject == key)).rowcount > 0


def all_peace(engine: Engine) -> list[Peace]:
    """Every do-not-disturb there is, the earliest end first; those that are over too."""
    columns = (do_not_disturb.c.subject, do_not_disturb.c.until_date, do_not_disturb.c.because, do_not_disturb.c.set_by)
    query = select(*columns).order_by(do_not_disturb.c.until_date, do_not_disturb.c.subject)
    with reading(engine) as connection:
        return [Peace(**row) for row in connection.execute(query).mappings()]


def record_objection(connection: Connection, subject: str, since: date, source: str) -> bool:
    """Notes an objection to profiling, by address or account id; gives whether it is new. It never lapses."""
    key = subject_key(subject)
    if connection.scalar(select(objections.c.subject).where(objections.c.subject == key)) is not None:
        return False
    connection.execute(objections.insert().values(subject=key, since=since, source=source))
    return True


def withdraw_objection(connection: Connection, subject: str) -> bool:
    """Takes an objection back; gives whether there was one."""
    return connection.execute(delete(objections).where(objections.c.subject == subject_key(subject))).rowcount > 0


def record_erasure(connection: Connection, email: str, erased_on: date) -> bool:
    """Keeps the hash of an erased person's address, and nothing else; gives whether it is new."""
    key = address_hash(email)
    if connection.scalar(select(erasures.c.address_hash).where(erasures.c.address_hash == key)) is not None:
        return False
    connection.execute(erasures.insert().values(address_hash=key, erased_on=erased_on))
    return True


def in_peace_among(connection: Connection, subjects: Collection[str], day: date) -> set[str]:
    """Which of some addresses and account ids nobody may turn to on a day: erased, or asked to be left in peace.

    For the hand-over, which looks again: what was recorded after the night was decided counts.
    """
    named = among(connection, do_not_disturb.c.subject, {subject_key(one) for one in subjects})
    left_alone = select(do_not_disturb.c.subject).where(named, do_not_disturb.c.until_date >= day)
    return _erased_among(connection, subjects) | set(connection.scalars(left_alone))


def objected_among(connection: Connection, subjects: Collection[str]) -> set[str]:
    """Which of some addresses and account ids have objected to profiling."""
    named = among(connection, objections.c.subject, {subject_key(one) for one in subjects})
    return set(connection.scalars(select(objections.c.subject).where(named)))


def _erased_among(connection: Connection, subjects: Collection[str]) -> set[str]:
    if connection.scalar(select(erasures.c.address_hash).limit(1)) is None:
        return set()  # most companies' nights; hashing every address costs more than looking for it
    hashes = {address_hash(one): one for one in subjects if "@" in one}
    gone = select(erasures.c.address_hash).where(among(connection, erasures.c.address_hash, hashes))
    return {hashes[one] for one in connection.scalars(gone)}
