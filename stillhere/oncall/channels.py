"""How on-call is told: a mail through STILLHERE_SMTP_URL, a webhook, or both."""

from __future__ import annotations

import hashlib
import html
import json
import urllib.error
import urllib.request
from dataclasses import asdict, dataclass
from datetime import datetime
from urllib.parse import urlsplit

from stillhere.sending.sender_smtp import SmtpSender
from stillhere.sending.senders import Bundle, SenderNotReadyError
from stillhere.settings import Company, Settings

TIMEOUT_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Message:
    """What on-call reads. Ids, counts and rule names only."""

    incident: str
    state: str
    """`open` or `closed`."""
    subject: str
    text: str
    runbook: str


def tell(settings: Settings, message: Message, now: datetime) -> list[str]:
    """Sends a message to everybody `company.yml: notify` names; returns what went wrong, in words, empty when told.

    Never raises: a dead mail server must not fail a night.
    """
    notify = settings.company.notify
    problems = [problem for address in notify.mail if (problem := _mail(settings, address, message, now))]
    if notify.webhook:
        problems += [problem] if (problem := _post(notify.webhook, settings.company, message)) else []
    return problems


def has_channel(settings: Settings) -> bool:
    """Whether anybody is named at all."""
    return bool(settings.company.notify.mail or settings.company.notify.webhook)


def _mail(settings: Settings, address: str, message: Message, now: datetime) -> str | None:
    url = settings.environment.smtp_url
    if url is None:
        return "company.yml, notify.mail: set, but STILLHERE_SMTP_URL is not; nobody was told by mail"
    try:
        smtp = SmtpSender(settings.company, url.get_secret_value())
    except SenderNotReadyError as error:
        return str(error)
    key = hashlib.sha256(f"{message.incident}|{message.state}|{now.isoformat()}|{address}".encode()).hexdigest()[:32]
    row = {
        "message_id": key,
        "email": address,
        "subject": message.subject,
        "text": message.text,
        "html": f"<pre>{html.escape(message.text)}</pre>",
        "language": "en",
    }
    try:
        [handed] = smtp.send(Bundle([row], now))
    finally:
        smtp.close()
    return None if handed.status == "accepted" else f"company.yml, notify.mail: not told, {handed.detail}"


def _post(url: str, company: Company, message: Message) -> str | None:
    if urlsplit(url).scheme not in ("http", "https"):
        return "company.yml, notify.webhook: expected an http or https address; nobody was told"
    # `text` is what chat systems show; the rest is for machines.
    body = {"text": f"{message.subject}\n{message.text}", "company": company.id, **asdict(message)}
    body["text"] = f"{message.subject}\n{message.text}"
    request = urllib.request.Request(  # noqa: S310 - scheme checked above
        url, json.dumps(body).encode(), {"Content-Type": "application/json"}, method="POST"
    )
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310 - scheme checked above
            answer.read(1)
    except (urllib.error.URLError, OSError, ValueError) as error:
        return f"company.yml, notify.webhook: {urlsplit(url).hostname} not told: {getattr(error, 'reason', error)}"
    return None
