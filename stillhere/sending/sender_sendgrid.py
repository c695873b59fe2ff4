"""The SendGrid sender, through its official package. 202 means queued, not delivered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stillhere.sending.senders import STOOD_STILL, Bundle, HandedOver, ProviderError, Status
from stillhere.sending.sendgrid_client import SendGridClient, UnansweredError
from stillhere.sending.sendgrid_requests import Part, is_too_big, parts_of, request_body
from stillhere.settings import Company

QUEUED, CHECKED = 202, 200
TOO_BIG, TOO_MANY = 413, 429
NOT_LET_IN = (401, 403)
SERVER_ERRORS = 500


class SendGridSender:
    """Up to 1,000 people a request. There is no idempotency key: a time-out or a 5xx is unknown, never tried again."""

    name = "sendgrid"
    at_once = 1_000
    may_repeat = False
    is_scheduled = True

    def __init__(self, company: Company, client: SendGridClient, *, sandbox: bool = False) -> None:
        """In sandbox mode SendGrid checks every request and sends nothing; no message counts as having left."""
        self._company = company
        self._client = client
        self._sandbox = sandbox
        self.call_back_minutes = 0 if sandbox else company.sender.call_back_minutes

    def send(self, bundle: Bundle) -> list[HandedOver]:
        """Queues the messages. What the server asks to bring later, or never heard of, is told as refused."""
        outcomes: dict[str, HandedOver] = {}
        stopped: HandedOver | None = None
        for part in parts_of(bundle.rows):
            told = dict.fromkeys(_ids(part), stopped) if stopped else self._hand_over(part, bundle)
            outcomes |= {message_id: outcome for message_id, outcome in told.items() if outcome}
            stopped = stopped or _ends_the_bundle(told)
        return [outcomes[row["message_id"]] for row in bundle.rows]

    def open_batch(self) -> str | None:
        """A batch id: whatever is sent under it can be cancelled until 10 minutes before it is due."""
        try:
            return str(self._client.ask("POST", "mail/batch").body["batch_id"])
        except (ProviderError, KeyError, TypeError):
            return None

    def close(self) -> None:
        """Nothing stays open between requests."""

    def _hand_over(self, part: Part, bundle: Bundle) -> Mapping[str, HandedOver | None]:
        body = request_body(part, bundle, self._company, sandbox=self._sandbox)
        if len(part.rows) > 1 and is_too_big(body):
            return self._halves(part, bundle)
        if not bundle.still_ours(_ids(part)):
            return dict.fromkeys(_ids(part), STOOD_STILL)
        try:
            answer = self._client.call("POST", "mail/send", body)
        except UnansweredError as silence:
            # A refused connection carried nothing; anything later may have.
            status: Status = "refused" if silence.never_left else "unknown"
            return dict.fromkeys(_ids(part), HandedOver(status, silence.words, no_connection=True))
        if answer.status in (400, TOO_BIG) and len(part.rows) > 1 and _is_about_people(answer.status, answer.body):
            return self._halves(part, bundle)
        return dict.fromkeys(_ids(part), _outcome(answer.status, answer.headers, answer.wait_seconds))

    def _halves(self, part: Part, bundle: Bundle) -> Mapping[str, HandedOver | None]:
        """One bad address spoils a request of a thousand, and none of it was taken: halves find who it is."""
        first, second = part.halves()
        told = self._hand_over(first, bundle)
        stopped = _ends_the_bundle(told)
        return {**told, **(dict.fromkeys(_ids(second), stopped) if stopped else self._hand_over(second, bundle))}


def _outcome(status: int, headers: Mapping[str, str], wait_seconds: float) -> HandedOver:
    if status == QUEUED:
        name = headers.get("X-Message-Id") or "unnamed"
        return HandedOver("accepted", f"queued as {name}", provider_id=headers.get("X-Message-Id"))
    if status == CHECKED:
        return HandedOver("refused", "sandbox mode: checked by SendGrid, not sent")
    if status == TOO_MANY:
        return HandedOver("refused", "too many requests", retry_after_seconds=wait_seconds)
    if status in NOT_LET_IN:
        return HandedOver("refused", f"the key is not accepted (status {status})", no_connection=True)
    if status >= SERVER_ERRORS:
        return HandedOver("unknown", f"server error {status}")
    if status in range(400, SERVER_ERRORS):
        return HandedOver("refused", f"refused with status {status}")
    return HandedOver("unknown", f"unexpected status {status}")


def _is_about_people(status: int, body: Any) -> bool:
    """Whether a refusal may be about one person's part; what is wrong for all is not sought in halves."""
    errors = body.get("errors", []) if isinstance(body, dict) else []
    fields = [str(error.get("field") or "personalizations") for error in errors if isinstance(error, dict)]
    return status == TOO_BIG or not fields or any(field.startswith("personalizations") for field in fields)


def _ends_the_bundle(told: Mapping[str, HandedOver | None]) -> HandedOver | None:
    """What the rest of a bundle is told when the server asks to wait, or nobody was reached: it was not tried."""
    for outcome in told.values():
        if outcome and outcome.retry_after_seconds is not None:
            return outcome
        if outcome and outcome.no_connection:
            return HandedOver("refused", "not tried, for the server does not answer", no_connection=True)
    return None


def _ids(part: Part) -> list[str]:
    return [row["message_id"] for row in part.rows]
