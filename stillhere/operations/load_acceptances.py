"""Loads that hand-over 1 refused: which wait, and those that a person took as they are, with who and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, Engine, func, select, update

from stillhere.operations.loads import JudgedLoad, judged_load
from stillhere.operations.open import reading
from stillhere.operations.runs import naive_utc
from stillhere.operations.tables import load_acceptances, loads, seals


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A person took one refused load as it is. `as_of` is the night that refused it, `rules` what it broke."""

    source: str
    resource: str
    load_id: str
    as_of: date
    rules: tuple[str, ...]
    row_count: int
    accepted_by: str
    accepted_because: str
    accepted_at: datetime


def waiting_loads(engine: Engine) -> list[JudgedLoad]:
    """The refused loads that nothing has come after, by source and resource.

    A later night reads the rows of a refused load again, in a load of its own. So of each resource only those count
    that were judged last: most often one, several where a run had been cut short.
    """
    places = (loads.c.source, loads.c.resource)
    last = select(*places, func.max(loads.c.judged_at).label("judged_at")).group_by(*places).subquery()
    same = (loads.c.source == last.c.source, loads.c.resource == last.c.resource)
    query = select(loads).join(last, same[0] & same[1] & (loads.c.judged_at == last.c.judged_at))
    query = query.where(loads.c.is_accepted.is_(False)).order_by(*places, loads.c.load_id)
    with reading(engine) as connection:
        return [judged_load(row) for row in connection.execute(query).mappings()]


def newly_accepted(engine: Engine) -> list[Acceptance]:
    """Those that no decided night has read yet."""
    with reading(engine) as connection:
        sealed_at = connection.scalar(select(func.max(seals.c.sealed_at)))
    return [one for one in acceptances(engine) if sealed_at is None or one.accepted_at > sealed_at]


def accept_loads(connection: Connection, taken: Sequence[JudgedLoad], by: str, because: str, now: datetime) -> None:
    """Makes refused loads accepted ones: staging reads them from the next night on, and later loads are held against
    them. Rows that broke a rule of their own stay in quarantine."""
    for load in taken:
        same = (loads.c.source == load.source, loads.c.resource == load.resource, loads.c.load_id == load.load_id)
        state = "accepted_with_quarantine" if load.bad_rows else "accepted"
        connection.execute(update(loads).where(*same).values(state=state, is_accepted=True, is_waived=True))
        connection.execute(
            load_acceptances.insert().values(
                source=load.source,
                resource=load.resource,
                load_id=load.load_id,
                as_of=load.as_of,
                rules=list(load.because),
                row_count=load.row_count,
                accepted_by=by,
                accepted_because=because,
                accepted_at=naive_utc(now),
            )
        )


def acceptances(engine: Engine) -> list[Acceptance]:
    """Every load that a person took as it is, the oldest first."""
    query = select(load_acceptances).order_by(load_acceptances.c.accepted_at, *load_acceptances.primary_key.columns)
    with reading(engine) as connection:
        rows = connection.execute(query).mappings().all()
    return [Acceptance(**{**row, "rules": tuple(row["rules"])}) for row in rows]
