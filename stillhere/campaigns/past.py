"""What the operations database remembers of one account: live contacts, what became of mails, calls, and arms."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

from sqlalchemy import Connection, Engine, make_url, select

from stillhere.campaigns.why import Contacted, Past
from stillhere.operations.open import open_operations, reading
from stillhere.operations.tables import assignments, contacts_made, human_tasks, ledger
from stillhere.settings import Settings


def past_reader(settings: Settings, until: date | None = None) -> Callable[[str], Past]:
    """Gives the Past of an account id, up to a day or all of it; creates nothing where there is no database yet."""
    url = make_url(settings.places.operations_url)
    file = url.database if url.get_backend_name() == "sqlite" else None
    if file is not None and not Path(file).is_file():
        return lambda _: Past()
    engine = open_operations(settings.places.operations_url)
    return lambda account_id: past_of(engine, account_id, until)


def past_of(engine: Engine, account_id: str, until: date | None = None) -> Past:
    """What is remembered of one account, up to a day or all of it; contacts oldest first."""
    with reading(engine) as connection:
        found = [*_made(connection, account_id), *_calls(connection, account_id)]
        arms = select(assignments.c.campaign, assignments.c.arm).where(assignments.c.account_id == account_id)
        drawn = {row.campaign: row.arm for row in connection.execute(arms)}
    known = (one for one in found if until is None or one.on <= until)
    return Past(tuple(sorted(known, key=lambda one: (one.on, one.campaign, one.what))), drawn)


def _made(connection: Connection, account_id: str) -> list[Contacted]:
    """Live contacts with what became of their mail. A place that a held-out account kept is told as such."""
    joined = contacts_made.outerjoin(
        ledger,
        (ledger.c.mode == "live")
        & (ledger.c.campaign == contacts_made.c.campaign)
        & (ledger.c.account_id == contacts_made.c.account_id)
        & (ledger.c.occasion == contacts_made.c.occasion),
    )
    columns = (contacts_made.c.as_of, contacts_made.c.campaign, contacts_made.c.outcome, ledger.c.status)
    query = select(*columns).select_from(joined).where(contacts_made.c.account_id == account_id)
    return [_told(*row) for row in connection.execute(query)]


def _told(on: date, campaign: str, outcome: str, status: str | None) -> Contacted:
    if outcome == "holdout":
        return Contacted(on, campaign, "left alone", "held out, to measure the effect")
    if outcome == "call":
        return Contacted(on, campaign, "call", "on the call list")
    return Contacted(on, campaign, "mail", (status or "not in the ledger").replace("_", " "))


def _calls(connection: Connection, account_id: str) -> list[Contacted]:
    query = select(human_tasks.c.called_on, human_tasks.c.campaign, human_tasks.c.outcome, human_tasks.c.note).where(
        human_tasks.c.account_id == account_id, human_tasks.c.called_on.is_not(None)
    )
    return [
        Contacted(
            row.called_on, row.campaign, "call came back", ": ".join(part for part in (row.outcome, row.note) if part)
        )
        for row in connection.execute(query)
    ]
