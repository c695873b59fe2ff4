"""Who must not be written to, as SendGrid's own lists say: unsubscribes, bounces, spam reports, no such address."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, select

from stillhere.operations.stops import Suppression
from stillhere.operations.tables import suppressions
from stillhere.sending.senders import ProviderError
from stillhere.sending.sendgrid_client import SendGridClient

SOURCE = "SendGrid's list"
MOST_A_PAGE = 500
OVERLAP = timedelta(days=7)
"""Read again each time: an entry may come late, and a night may have failed."""
LISTS: tuple[tuple[str, Literal["unsubscribed", "bounce", "complaint"]], ...] = (
    ("suppression/spam_reports", "complaint"),
    ("suppression/unsubscribes", "unsubscribed"),
    ("suppression/bounces", "bounce"),
    ("suppression/invalid_emails", "bounce"),
)
"""Not `suppression/blocks`: refused for a day's reason, such as a full mailbox, and nobody is stopped for that."""


def provider_stops(
    client: SendGridClient, since: date | None, zone: ZoneInfo, group_id: int | None, now: datetime
) -> list[Suppression]:
    """Every stop that SendGrid has noted since a day (None: ever), days in the company's zone. Raises ProviderError.

    A group's list has no days: its stops hold from `now` on.
    """
    found = [
        Suppression(email, reason, day or since or date.min, SOURCE)
        for path, reason in LISTS
        for email, day in _entries(client, path, since, zone)
    ]
    if group_id is not None:
        today = now.astimezone(zone).date()
        listed = client.ask("GET", f"asm/groups/{group_id}/suppressions").body
        found += [Suppression(str(email).strip().lower(), "unsubscribed", today, SOURCE) for email in _listed(listed)]
    return found


def newest_known(connection: Connection) -> date | None:
    """The day from which SendGrid's lists are to be read again; None before the first time."""
    newest = connection.scalar(select(func.max(suppressions.c.since)).where(suppressions.c.source == SOURCE))
    return newest - OVERLAP if newest else None


def _entries(
    client: SendGridClient, path: str, since: date | None, zone: ZoneInfo
) -> Iterator[tuple[str, date | None]]:
    query: dict[str, str | int] = {"limit": MOST_A_PAGE, "offset": 0}
    if since is not None:
        query["start_time"] = int(datetime(since.year, since.month, since.day, tzinfo=UTC).timestamp())
    while True:
        page = _listed(client.ask("GET", path, query=query).body)
        for entry in page:
            created = entry.get("created")
            day = datetime.fromtimestamp(created, UTC).astimezone(zone).date() if created else None
            yield str(entry["email"]).strip().lower(), day
        if len(page) < MOST_A_PAGE:
            return
        query["offset"] = int(query["offset"]) + MOST_A_PAGE


def _listed(body: Any) -> list[Any]:
    if not isinstance(body, list):
        raise ProviderError("SendGrid's lists of stops can't be read; nothing was changed, ask again later")
    return body
