"""A mail for staff to look at: the same words and layout, marked as a test, with every link dead.

It passes no ledger and stores nothing: no occasion, no place in a cap, no arm, no result knows of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from stillhere.mails.preview import DEAD_LINK, Shown
from stillhere.sending.open_sender import open_sender
from stillhere.sending.senders import Bundle, HandedOver
from stillhere.settings import Settings, StillhereError

MARK = "[TEST]"
CATEGORY = "test"
HREF = re.compile(r"(\bhref\s*=\s*)(\"[^\"]*\"|'[^']*')", re.IGNORECASE)
LINK = re.compile(r"(https?://|mailto:)[^\s<>\"]+", re.IGNORECASE)
WRITTEN = re.compile(r">[^<>]+<")
BODY = re.compile(r"(<body\b[^>]*>)", re.IGNORECASE)


class StaffCopyError(StillhereError):
    """A test mail that may not go; nothing was sent."""

    exit_code = 2


def staff_row(shown: Shown, to: str, message_id: str) -> dict[str, Any]:
    """The outbox row of a test. Raises StaffCopyError when such a message would be held."""
    if shown.content is None:
        raise StaffCopyError(f"this message would be held: {shown.problem}")
    about = f"{MARK} As {shown.case.account['account_id']} would get it. Links lead nowhere."
    text = LINK.sub(DEAD_LINK, shown.content.text)
    page = HREF.sub(rf'\1"{DEAD_LINK}"', shown.content.html)
    # Mail programs make a link of an address that is only written, too.
    page = WRITTEN.sub(lambda found: LINK.sub(DEAD_LINK, found.group()), page)
    return {
        "message_id": message_id,
        "campaign": CATEGORY,
        "email": to,
        "account_id": "",
        "contact_id": None,
        "occasion": message_id,
        "language": shown.language,
        "subject": f"{MARK} {shown.content.subject}",
        "text": f"{about}\n\n{text}",
        "html": BODY.sub(rf'\1<p style="margin:0;padding:8px;background:#fde68a">{about}</p>', page, count=1),
        "claims_json": "{}",
        "stop_url": None,
        "reply_to": None,
        "send_at": None,
        "send_until": None,
    }


def send_to_staff(
    settings: Settings, shown: Shown, to: str, now: datetime, name: Callable[[], str], folder: Path
) -> HandedOver:
    """Sends a test through the company's sender; the files sender writes it into `folder`. `name` gives a new id.

    Raises StaffCopyError for an address that is not staff's, SenderNotReadyError for what a live sender lacks.
    """
    if not settings.company.staff.has(to):
        raise StaffCopyError(
            f"{to} is not staff's: a test goes only to the domains and addresses in company.yml, staff. "
            "Nothing was sent"
        )
    row = staff_row(shown, to.strip(), f"test-{name()}")
    sender = open_sender(settings, folder, live=True)
    try:
        return sender.send(Bundle([row], now))[0]
    finally:
        sender.close()
