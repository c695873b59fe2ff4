"""Calls for people: what the call list asked for, and what came back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import Connection, Engine, select, update

from stillhere.operations.open import reading
from stillhere.operations.runs import naive_utc
from stillhere.operations.tables import human_tasks


@dataclass(frozen=True, slots=True)
class CallOutcome:
    """What a person wrote into the call list."""

    account_id: str
    campaign: str
    as_of: date
    outcome: str
    note: str
    called_on: date


def store_outcomes(connection: Connection, outcomes: Iterable[CallOutcome], now: datetime) -> int:
    """Stores outcomes; importing a file twice changes nothing. Gives how many rows are new or changed."""
    changed = 0
    for one in outcomes:
        same = (
            human_tasks.c.account_id == one.account_id,
            human_tasks.c.campaign == one.campaign,
            human_tasks.c.as_of == one.as_of,
        )
        values = asdict(one)
        present = connection.execute(select(human_tasks).where(*same)).mappings().first()
        if present is None:
            connection.execute(human_tasks.insert().values(**values, imported_at=naive_utc(now)))
        elif any(present[name] != value for name, value in values.items()):
            connection.execute(update(human_tasks).where(*same).values(**values, imported_at=naive_utc(now)))
        else:
            continue
        changed += 1
    return changed


def outcomes_of(engine: Engine, account_id: str | None = None) -> list[CallOutcome]:
    """Call outcomes, oldest first."""
    columns = [column for column in human_tasks.c if column.name != "imported_at"]
    query = select(*columns).where(human_tasks.c.outcome.is_not(None)).order_by(human_tasks.c.as_of)
    if account_id is not None:
        query = query.where(human_tasks.c.account_id == account_id)
    with reading(engine) as connection:
        return [CallOutcome(**row) for row in connection.execute(query).mappings()]
