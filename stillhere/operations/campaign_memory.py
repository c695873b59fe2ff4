"""What live nights leave behind for later ones: occasions, arms and the places that caps count."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, Table, delete, exists, update

from stillhere.operations.ledger import MAY_HAVE_LEFT
from stillhere.operations.statements import insert_into
from stillhere.operations.tables import assignments, contacts_made, ledger, occasions

Rows = Iterable[Mapping[str, Any]]


def open_occasions(connection: Connection, rows: Rows) -> None:
    """Stores occasions that a live night has opened."""
    _add_new(connection, occasions, rows)


def keep_occasions(connection: Connection, kept: Collection[str], closed: Collection[str], as_of: date) -> None:
    """Notes that conditions still hold, or have not held for long enough; an older night changes nothing newer."""
    for part, values in ((kept, {"last_true_date": as_of}), (closed, {"closed_date": as_of})):
        for key in sorted(part):
            same = (occasions.c.occasion == key, occasions.c.last_true_date < as_of)
            connection.execute(update(occasions).where(*same).values(**values))


def store_assignments(connection: Connection, rows: Rows) -> None:
    """Stores arms drawn on a live night; the first draw stands for good."""
    _add_new(connection, assignments, rows)


def store_contacts_made(connection: Connection, rows: Rows) -> None:
    """Stores the places taken on a live night."""
    _add_new(connection, contacts_made, rows)


def take_back_places(connection: Connection, as_of: date) -> int:
    """Removes the places of a day's mails that did not leave, so that they count for no cap. Gives how many."""
    left = exists().where(
        ledger.c.mode == "live",
        ledger.c.campaign == contacts_made.c.campaign,
        ledger.c.account_id == contacts_made.c.account_id,
        ledger.c.occasion == contacts_made.c.occasion,
        ledger.c.status.in_(sorted(MAY_HAVE_LEFT)),
    )
    mails = (contacts_made.c.as_of == as_of, contacts_made.c.outcome == "send")
    return connection.execute(delete(contacts_made).where(*mails, ~left)).rowcount


def _add_new(connection: Connection, table: Table, rows: Rows) -> None:
    listed = [dict(row) for row in rows]
    if listed:
        connection.execute(insert_into(connection, table).on_conflict_do_nothing(), listed)
