"""SendGrid's package with what it lacks: a time-out, and answers as values instead of exceptions."""

from __future__ import annotations

import http.client
import json
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from stillhere.sending.senders import ProviderError

TIMEOUT_SECONDS = 30.0
LONGEST_WAIT_SECONDS = 60.0
TRIES = 5
TOO_MANY = 429
OK = range(200, 300)


class UnansweredError(Exception):
    """No whole answer came. `never_left`: nothing can have arrived."""

    def __init__(self, words: str, *, never_left: bool) -> None:
        super().__init__(words)
        self.words = words
        self.never_left = never_left


@dataclass(frozen=True)
class Answer:
    """What the server said: its status, its headers, and its JSON, or None."""

    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def at(self) -> datetime | None:
        """The server's own clock."""
        try:
            return parsedate_to_datetime(self.headers.get("Date") or "").astimezone(UTC)
        except (TypeError, ValueError):
            return None

    @property
    def wait_seconds(self) -> float:
        """How long a 429 asks to wait. By the server's clock: ours may be wrong."""
        reset = str(self.headers.get("X-RateLimit-Reset") or "")
        now = self.at.timestamp() if self.at else time.time()
        seconds = float(reset) - now if reset.isdigit() else 1.0
        return min(max(1.0, seconds), LONGEST_WAIT_SECONDS)


class SendGridClient:
    """One company's access. `host` replaces SendGrid's own: `https://api.eu.sendgrid.com`, or a test server."""

    def __init__(
        self,
        api_key: str,
        host: str | None = None,
        *,
        timeout_seconds: float = TIMEOUT_SECONDS,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        from sendgrid import SendGridAPIClient

        self._client = SendGridAPIClient(api_key, **({"host": host} if host else {})).client
        self._client.timeout = timeout_seconds
        self._sleep = sleep

    def call(self, method: str, path: str, body: Any = None, query: Mapping[str, str | int] | None = None) -> Answer:
        """Asks once. Raises UnansweredError when no whole answer comes back."""
        from python_http_client.exceptions import HTTPError

        request = getattr(self._client._(path), method.lower())
        try:
            response = request(request_body=body, query_params=dict(query) if query else None)
        except HTTPError as error:
            return Answer(error.status_code, error.headers or {}, _json(error.body))
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "reason", error)
            never_left = isinstance(reason, (ConnectionRefusedError, socket.gaierror))
            kind = type(reason if isinstance(reason, Exception) else error).__name__
            raise UnansweredError(f"no answer: {kind}", never_left=never_left) from None
        return Answer(response.status_code, response.headers, _json(response.body))

    def ask(self, method: str, path: str, body: Any = None, query: Mapping[str, str | int] | None = None) -> Answer:
        """Asks a question that can be asked again: waits where the server says so, tries an outage once more.

        Raises ProviderError when there is no good answer.
        """
        words = ""
        for attempt in range(TRIES):
            try:
                answer = self.call(method, path, body, query)
            except UnansweredError as silence:
                words = silence.words
                if silence.never_left:
                    break
                self._sleep(attempt + 1.0)
                continue
            if answer.status in OK:
                return answer
            words = f"status {answer.status}"
            if answer.status == TOO_MANY:
                self._sleep(answer.wait_seconds)
            elif answer.status >= http.client.INTERNAL_SERVER_ERROR:
                self._sleep(attempt + 1.0)
            else:
                break
        raise ProviderError(
            f"SendGrid, {method} /v3/{path.split('/')[0]}: {words}; nothing was changed, ask again later"
        )


def _json(body: bytes | str | None) -> Any:
    try:
        return json.loads(body) if body else None
    except ValueError:
        return None
