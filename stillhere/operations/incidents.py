"""Incidents: told once, closed when things are good again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, select, update

from stillhere.operations.open import reading, writing
from stillhere.operations.runs import naive_utc
from stillhere.operations.tables import incidents


@dataclass(frozen=True, slots=True)
class Incident:
    """One thing gone wrong, by a name that stays the same while it lasts (`night failed`, `source crm late`)."""

    incident: str
    opened_at: datetime
    words: str
    notified_at: datetime | None
    closed_at: datetime | None


def open_incident(engine: Engine, incident: str, words: str, now: datetime) -> bool:
    """Opens an incident; False when it is open already, so that nobody is told twice."""
    with writing(engine) as connection:
        already = select(incidents.c.incident).where(incidents.c.incident == incident, incidents.c.closed_at.is_(None))
        if connection.scalar(already) is not None:
            return False
        connection.execute(incidents.insert().values(incident=incident, opened_at=naive_utc(now), words=words))
    return True


def mark_notified(engine: Engine, incident: str, now: datetime) -> None:
    """Notes that people were told of an open incident."""
    with writing(engine) as connection:
        still_open = (incidents.c.incident == incident, incidents.c.closed_at.is_(None))
        connection.execute(update(incidents).where(*still_open).values(notified_at=naive_utc(now)))


def close_incident(engine: Engine, incident: str, now: datetime) -> bool:
    """Closes an incident; gives whether it was open."""
    with writing(engine) as connection:
        still_open = (incidents.c.incident == incident, incidents.c.closed_at.is_(None))
        closed = connection.execute(update(incidents).where(*still_open).values(closed_at=naive_utc(now)))
    return closed.rowcount > 0


def open_incidents(engine: Engine) -> list[Incident]:
    """What is not good yet, oldest first."""
    query = select(incidents).where(incidents.c.closed_at.is_(None)).order_by(incidents.c.opened_at)
    with reading(engine) as connection:
        return [Incident(**row) for row in connection.execute(query).mappings()]
