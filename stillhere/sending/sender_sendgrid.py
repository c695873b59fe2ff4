"""The SendGrid sender, through its official package. 202 means queued, not delivered."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from stillhere.mails.mail import MESSAGE_ID_HEADER, unsubscribe_headers
from stillhere.sending.senders import HandedOver
from stillhere.settings import Company

TIMEOUT_SECONDS = 20  # the package has none of its own
QUEUED = 202
TOO_MANY = 429
LONGEST_WAIT_SECONDS = 60
TRIES_WHEN_TOO_MANY = 3


class SendGridSender:
    """One request a message. It has no idempotency key, so a time-out or a 5xx is unknown and never tried again."""

    name = "sendgrid"
    may_repeat = False

    def __init__(
        self, company: Company, api_key: str, host: str | None = None, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        """`host` replaces SendGrid's own, for the EU host or a test server."""
        from sendgrid import SendGridAPIClient

        self._company = company
        self._client = SendGridAPIClient(api_key, **({"host": host} if host else {}))
        self._client.client.timeout = TIMEOUT_SECONDS
        self._sleep = sleep

    def send(self, row: Mapping[str, Any], planned_at: datetime) -> HandedOver:  # noqa: ARG002 - SendGrid dates its mail
        """Queues one message at SendGrid. 429 is obeyed: the server has not taken the message, so it is tried again."""
        body = request_body(row, self._company)
        for _ in range(TRIES_WHEN_TOO_MANY):
            outcome, wait_seconds = self._try(body)
            if wait_seconds is None:
                return outcome
            self._sleep(wait_seconds)
        return outcome

    def close(self) -> None:
        """Nothing stays open between requests."""

    def _try(self, body: dict[str, Any]) -> tuple[HandedOver, float | None]:
        from python_http_client.exceptions import HTTPError

        try:
            response = self._client.client.mail.send.post(request_body=body)
        except HTTPError as error:
            return _refusal(error.status_code, error.headers)
        except OSError as error:
            # A refused connection carried nothing; anything later may have.
            never_left = isinstance(getattr(error, "reason", error), ConnectionRefusedError)
            words = f"no answer: {type(error).__name__}"
            return HandedOver("refused" if never_left else "unknown", words, no_connection=True), None
        if response.status_code == QUEUED:
            return HandedOver("accepted", f"queued as {response.headers.get('X-Message-Id', 'unnamed')}"), None
        return HandedOver("unknown", f"unexpected status {response.status_code}"), None


def request_body(row: Mapping[str, Any], company: Company) -> dict[str, Any]:
    """What `POST /v3/mail/send` gets for one outbox row."""
    sender = company.sender
    body: dict[str, Any] = {
        "personalizations": [{"to": [{"email": row["email"]}], "custom_args": {"message_id": row["message_id"]}}],
        "from": {"email": sender.email, "name": sender.name},
        "subject": row["subject"],
        "content": [{"type": "text/plain", "value": row["text"]}, {"type": "text/html", "value": row["html"]}],
        "categories": [row["campaign"]],
        "headers": {MESSAGE_ID_HEADER: row["message_id"], **unsubscribe_headers(company, row)},
    }
    if sender.reply_to:
        body["reply_to"] = {"email": sender.reply_to}
    return body


def _refusal(status: int, headers: Mapping[str, str]) -> tuple[HandedOver, float | None]:
    if status == TOO_MANY:
        reset = str(headers.get("X-RateLimit-Reset", ""))
        wait = max(1.0, float(reset) - time.time()) if reset.isdigit() else 1.0
        return HandedOver("refused", "too many requests"), min(wait, LONGEST_WAIT_SECONDS)
    if status >= 500:
        return HandedOver("unknown", f"server error {status}"), None
    return HandedOver("refused", f"refused with status {status}"), None
