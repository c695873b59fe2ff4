"""Loads of raw that hand-over 1 has judged, and what arrived each night."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import Connection, Engine, RowMapping, delete, select

from stillhere.operations.open import reading
from stillhere.operations.runs import naive_utc
from stillhere.operations.tables import arrivals, loads


@dataclass(frozen=True, slots=True)
class JudgedLoad:
    """One load of one resource, and whether staging reads it."""

    source: str
    resource: str
    load_id: str
    as_of: date
    state: str
    is_accepted: bool
    row_count: int
    bad_rows: int
    because: tuple[str, ...] = ()
    is_waived: bool = False
    """A person took it as it is, after it was refused: `load_acceptances.py`."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """What extraction did with one resource on one night."""

    source: str
    resource: str
    as_of: date
    state: str
    row_count: int
    seconds: float
    cursor_high: str | None
    message: str
    read_at: datetime


def judged_loads(engine: Engine) -> list[JudgedLoad]:
    """Every load judged so far, in a stable order."""
    query = select(loads).order_by(loads.c.source, loads.c.resource, loads.c.load_id)
    with reading(engine) as connection:
        rows = connection.execute(query).mappings().all()
    return [judged_load(row) for row in rows]


def judged_load(row: RowMapping) -> JudgedLoad:
    """A row of the table of loads."""
    values = {name: value for name, value in row.items() if name != "judged_at"}
    return JudgedLoad(**{**values, "because": tuple(values["because"])})


def store_loads(connection: Connection, judged: Iterable[JudgedLoad], now: datetime) -> None:
    """Stores judgements; judging a load again replaces what was said before."""
    for load in judged:
        same = (loads.c.source == load.source, loads.c.resource == load.resource, loads.c.load_id == load.load_id)
        connection.execute(delete(loads).where(*same))
        values = {**asdict(load), "because": list(load.because), "judged_at": naive_utc(now)}
        connection.execute(loads.insert().values(values))


def store_arrivals(connection: Connection, arrived: Iterable[Arrived]) -> None:
    """Stores what arrived; a second run of the same night replaces the first's, unless it brought nothing new."""
    for one in arrived:
        same = (arrivals.c.source == one.source, arrivals.c.resource == one.resource, arrivals.c.as_of == one.as_of)
        connection.execute(delete(arrivals).where(*same))
        connection.execute(arrivals.insert().values({**asdict(one), "read_at": naive_utc(one.read_at)}))


def arrivals_of(engine: Engine, as_of: date | None = None) -> list[Arrived]:
    """What arrived on a night, or on the newest one that has read anything."""
    with reading(engine) as connection:
        if as_of is None:
            as_of = connection.scalar(select(arrivals.c.as_of).order_by(arrivals.c.as_of.desc()).limit(1))
        query = select(arrivals).where(arrivals.c.as_of == as_of).order_by(arrivals.c.source, arrivals.c.resource)
        return [Arrived(**row) for row in connection.execute(query).mappings()]
