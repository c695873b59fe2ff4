"""What the operations database remembers of one account: live contacts, what became of mails, calls, and arms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

from sqlalchemy import Connection, Engine, make_url, select

from stillhere.campaigns.content import content_hashes
from stillhere.campaigns.why import Contacted, Past
from stillhere.operations.approvals import approvals_of
from stillhere.operations.holds import LIVE_RULES, holds_of, open_holds
from stillhere.operations.open import open_operations, reading
from stillhere.operations.seals import newest_revision, newest_sealed
from stillhere.operations.tables import assignments, contacts_made, human_tasks, ledger
from stillhere.settings import Settings


def past_reader(settings: Settings, until: date | None = None) -> Callable[[str], Past]:
    """Gives the Past of an account id, up to a day or all of it; creates nothing where there is no database yet."""
    url = make_url(settings.places.operations_url)
    file = url.database if url.get_backend_name() == "sqlite" else None
    if file is not None and not Path(file).is_file():
        return lambda _: Past()
    engine = open_operations(settings.places.operations_url)
    waits = what_waits(settings, engine, until)
    return lambda account_id: past_of(engine, account_id, until, waits)


def what_waits(settings: Settings, engine: Engine, as_of: date | None) -> dict[str, str]:
    """Campaign, message id, or `*`, to why a night does not leave for real yet. The newest night unless named.

    What held a campaign before it was decided stands in its decisions, and is not told again here.
    """
    night = newest_sealed(engine) if as_of is None else newest_revision(engine, as_of)
    standing = open_holds(holds_of(engine, *night)) if night else []
    waits = {hold.subject: hold.words for hold in standing if hold.rule in LIVE_RULES}
    waits |= {hold.subject: f"{hold.words} ('stillhere holds')" for hold in standing if hold.scope == "message"}
    approved = {(one.campaign, one.content_hash) for one in approvals_of(engine)}
    for campaign, content in content_hashes(settings).items():
        if (campaign, content) not in approved:
            waits.setdefault(campaign, f"needs a person's yes: stillhere campaigns approve {campaign} --by NAME")
    return waits


def past_of(engine: Engine, account_id: str, until: date | None = None, waits: Mapping[str, str] | None = None) -> Past:
    """What is remembered of one account, up to a day or all of it; contacts oldest first."""
    with reading(engine) as connection:
        found = [*_made(connection, account_id), *_calls(connection, account_id)]
        arms = select(assignments.c.campaign, assignments.c.arm).where(assignments.c.account_id == account_id)
        drawn = {row.campaign: row.arm for row in connection.execute(arms)}
    known = (one for one in found if until is None or one.on <= until)
    return Past(tuple(sorted(known, key=lambda one: (one.on, one.campaign, one.what))), drawn, waits or {})


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
