"""Holds: what a gate or a guard keeps back. They expire at the next night; left alone, a hold never sends."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Literal

from sqlalchemy import Connection, Engine, delete, select, update

from stillhere.operations.open import reading
from stillhere.operations.runs import naive_utc
from stillhere.operations.tables import holds

HoldScope = Literal["night", "campaign", "message"]
HoldOwner = Literal["data", "marketing", "on-call"]
HOLD_ID_DIGITS = 8
NOT_APPROVED = "not_approved"
FIRST_NIGHTS = "first_nights"
LIVE_RULES = frozenset({NOT_APPROVED, FIRST_NIGHTS})
"""Rules that hold a live hand-over only. They doubt nothing: previews, lists and the report are as good as ever."""


@dataclass(frozen=True, slots=True)
class Hold:
    """One hold. `subject` is `*`, a campaign or a message id; `examples` are ids only."""

    as_of: date
    revision: int
    scope: HoldScope
    subject: str
    rule: str
    words: str
    item_count: int
    examples: tuple[str, ...]
    owner: HoldOwner
    created_at: datetime
    expires_on: date
    released_at: datetime | None = None
    released_because: str | None = None

    @property
    def hold_id(self) -> str:
        """The same hold of the same night has the same id, however often the night is run."""
        text = "\x1f".join((self.as_of.isoformat(), str(self.revision), self.scope, self.subject, self.rule))
        return hashlib.sha256(text.encode()).hexdigest()[:HOLD_ID_DIGITS]


def replace_holds(connection: Connection, as_of: date, revision: int, found: Iterable[Hold]) -> None:
    """Stores what a night holds; holds that were found before and still stand keep their release."""
    same_night = (holds.c.as_of == as_of, holds.c.revision == revision)
    released = {
        row.hold_id: (row.released_at, row.released_because)
        for row in connection.execute(select(holds).where(*same_night, holds.c.released_at.is_not(None)))
    }
    connection.execute(delete(holds).where(*same_night))
    for hold in {one.hold_id: one for one in found}.values():
        at, because = released.get(hold.hold_id, (None, None))
        connection.execute(holds.insert().values({**_values(hold), "released_at": at, "released_because": because}))


def renew_holds(
    connection: Connection,
    as_of: date,
    revision: int,
    rule: str,
    found: Iterable[Hold],
    settled_because: str,
    now: datetime,
) -> None:
    """Stores the holds of one rule as they stand now, beside a night's others.

    One that no longer stands is released with `settled_because`; one that a person has released stays released.
    """
    standing = {hold.hold_id: hold for hold in found}
    mine = (holds.c.as_of == as_of, holds.c.revision == revision, holds.c.rule == rule)
    known = {row.hold_id: row for row in connection.execute(select(holds).where(*mine))}
    for hold_id, row in known.items():
        if hold_id not in standing and row.released_at is None:
            release_hold(connection, hold_id, settled_because, now)
    for hold_id, hold in standing.items():
        if hold_id not in known:
            connection.execute(holds.insert().values(_values(hold)))


def holds_of(engine: Engine, as_of: date | None = None, revision: int | None = None) -> list[Hold]:
    """Holds, newest night first; of one night and revision when named."""
    query = select(holds).order_by(holds.c.as_of.desc(), holds.c.scope, holds.c.subject, holds.c.rule)
    if as_of is not None:
        query = query.where(holds.c.as_of == as_of)
    if revision is not None:
        query = query.where(holds.c.revision == revision)
    with reading(engine) as connection:
        return [_hold(row) for row in connection.execute(query).mappings()]


def find_hold(engine: Engine, hold_id: str) -> Hold | None:
    """The hold of an id, or None."""
    with reading(engine) as connection:
        row = connection.execute(select(holds).where(holds.c.hold_id == hold_id)).mappings().first()
    return _hold(row) if row else None


def release_hold(connection: Connection, hold_id: str, because: str, now: datetime) -> None:
    """Marks a hold as released, with the reason a person gave."""
    values = {"released_at": naive_utc(now), "released_because": because}
    connection.execute(update(holds).where(holds.c.hold_id == hold_id).values(**values))


def way_out(rule: str, subject: str, hold_id: str) -> str:
    """The command that lets a hold go, without the program's name; what is missing in it stands in capitals."""
    return f"campaigns approve {subject} --by NAME" if rule == NOT_APPROVED else f"release {hold_id} --because TEXT"


def open_holds(found: Sequence[Hold]) -> list[Hold]:
    """Those not released."""
    return [hold for hold in found if hold.released_at is None]


def _values(hold: Hold) -> dict[str, object]:
    return {
        **asdict(hold),
        "hold_id": hold.hold_id,
        "examples": list(hold.examples),
        "created_at": naive_utc(hold.created_at),
    }


def _hold(row: object) -> Hold:
    values = dict(row)  # type: ignore[call-overload]  # a RowMapping is a mapping, but its stub doesn't say so
    values.pop("hold_id")
    return Hold(**{**values, "examples": tuple(values["examples"])})
