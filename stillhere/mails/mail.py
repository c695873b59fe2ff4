"""A message as an e-mail whose bytes derive from its key: the same message written twice is the same file."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from email.headerregistry import BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime, formataddr
from typing import Any

from stillhere.mails.content import unsubscribe_mailto
from stillhere.settings import Company

MESSAGE_ID_HEADER = "X-Stillhere-Message-Id"


class _OneLine(UnstructuredHeader, BaseHeader):
    """A header that is never folded: a link longer than a line would be encoded, and then no program finds it."""

    max_count = 1

    def fold(self, *, policy: Any) -> str:
        return f"{self.name}: {self}{policy.linesep}"


def _policy() -> EmailPolicy[EmailMessage]:
    headers = HeaderRegistry()
    headers.map_to_type("list-unsubscribe", _OneLine)
    return SMTP.clone(header_factory=headers)


POLICY = _policy()


def build_mail(row: Mapping[str, Any], company: Company, planned_at: datetime) -> EmailMessage:
    """The e-mail of one outbox row. `planned_at` (with a zone) becomes its date.

    The unsubscribe headers are for the reader's mail program; one click by POST needs a page.
    """
    sender = company.sender
    mail = EmailMessage(policy=POLICY)
    mail["From"] = formataddr((sender.name or company.name, sender.email or f"nobody@{company.id}.invalid"))
    mail["To"] = row["email"]
    mail["Subject"] = row["subject"]
    if reply_to := row.get("reply_to") or sender.reply_to:
        mail["Reply-To"] = reply_to
    mail["Date"] = format_datetime(planned_at)
    mail["Message-ID"] = f"<{row['message_id']}@{_domain(sender.email, company.id)}>"
    mail[MESSAGE_ID_HEADER] = row["message_id"]
    for name, value in unsubscribe_headers(company, row).items():
        mail[name] = value
    mail.set_content(row["text"], cte="quoted-printable")
    mail.add_alternative(row["html"], subtype="html", cte="quoted-printable")
    mail.set_boundary(f"=_{row['message_id']}")
    # Last: setting the content takes away, or moves into a part, every header that is about content.
    mail["Content-Language"] = row["language"]
    return mail


def unsubscribe_headers(company: Company, row: Mapping[str, Any]) -> dict[str, str]:
    """`List-Unsubscribe`, and for a page also the header that allows one click by POST (RFC 8058).

    The page is the one the mail itself links to (`stop_url`); a mail to our own people has none.
    """
    link = row.get("stop_url")
    if not link:
        return {}
    by_mail = unsubscribe_mailto(company, row["message_id"])
    ways = [link, by_mail] if by_mail and by_mail != link else [link]
    headers = {"List-Unsubscribe": ", ".join(f"<{way}>" for way in ways)}
    if link.startswith("https:"):
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers


def _domain(email: str | None, company_id: str) -> str:
    return email.rpartition("@")[2] if email and "@" in email else f"{company_id}.invalid"
