"""What live nights have delivered to the demo's customers: read from the operations database, where it stands."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
from sqlalchemy import Engine, make_url, select

from stillhere.operations import open_operations, writing
from stillhere.operations.ledger import NOBODYS_ACCOUNT
from stillhere.operations.mail_events import MailEvent, store_events
from stillhere.operations.open import reading
from stillhere.operations.tables import contacts_made, ledger
from stillhere.settings import Settings

DELIVERED_SCHEMA: dict[str, pl.DataType] = {
    "kind": pl.String(),
    "message_id": pl.String(),
    "campaign": pl.String(),
    "account_id": pl.String(),
    "contact_id": pl.String(),
    "as_of": pl.Date(),
}
PROVIDER = "demo"


def operations_of(settings: Settings) -> Engine | None:
    """The operations database, or None where no night has ever run; nothing is created."""
    url = make_url(settings.places.operations_url)
    file = url.database if url.get_backend_name() == "sqlite" else None
    if file is not None and not Path(file).is_file():
        return None
    return open_operations(settings.places.operations_url)


def read_delivered(engine: Engine, until: date) -> pl.DataFrame:
    """Every mail that was handed over live, and every task on a live night's call list, up to a night."""
    mails = select(
        ledger.c.message_id, ledger.c.campaign, ledger.c.account_id, ledger.c.contact_id, ledger.c.as_of
    ).where(
        ledger.c.mode == "live",
        ledger.c.status == "accepted",
        ledger.c.account_id != NOBODYS_ACCOUNT,
        ledger.c.as_of <= until,
    )
    calls = select(contacts_made.c.campaign, contacts_made.c.account_id, contacts_made.c.as_of).where(
        contacts_made.c.outcome == "call", contacts_made.c.as_of <= until
    )
    with reading(engine) as connection:
        rows = [{"kind": "mail", **row} for row in connection.execute(mails).mappings()]
        rows += [{"kind": "call", **row} for row in connection.execute(calls).mappings()]
    listed = [{name: row.get(name) for name in DELIVERED_SCHEMA} for row in rows]
    return pl.DataFrame(listed, schema=DELIVERED_SCHEMA).sort("as_of", "kind", "campaign", "account_id", "message_id")


def tell_opens(engine: Engine, record: pl.DataFrame) -> None:
    """Tells which mails were opened, as a provider's webhook would; telling it again changes nothing."""
    opened = record.filter(pl.col("opened_at").is_not_null())
    events = [
        MailEvent(
            event_id=f"demo-open-{row['message_id']}",
            provider=PROVIDER,
            provider_event_id=None,
            message_id=row["message_id"],
            provider_message_id=None,
            smtp_id=None,
            email=None,
            campaign=row["campaign"],
            kind="open",
            subtype=None,
            reason=None,
            occurred_at=row["opened_at"],
            received_at=row["opened_at"],
        )
        for row in opened.to_dicts()
    ]
    with writing(engine) as connection:
        store_events(connection, events)
