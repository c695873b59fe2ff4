"""A mail server that really listens. SendGrid's place is taken by `sendgrid_server.py`."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import Message
from typing import Any

from aiosmtpd.controller import Controller

MESSAGE_ID = "X-Stillhere-Message-Id"
Seen = Callable[[int], str | None]


class Mailbox:
    """Keeps what arrives. `answer` gets the number of the message and may give another reply than 250."""

    def __init__(self, answer: Seen, seconds: float) -> None:
        self.mails: list[Message] = []
        self._answer = answer
        self._seconds = seconds

    @property
    def message_ids(self) -> list[str]:
        """Our ids of what arrived, in order."""
        return [mail[MESSAGE_ID] for mail in self.mails]

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802, ARG002 - aiosmtpd's
        """Takes one mail."""
        time.sleep(self._seconds)
        self.mails.append(message_from_bytes(envelope.content))
        return self._answer(len(self.mails)) or "250 OK"


@contextmanager
def smtp_server(answer: Seen = lambda _number: None, seconds: float = 0.0) -> Iterator[tuple[str, Mailbox]]:
    """A mail server on a free port: its URL and its mailbox. Each mail takes `seconds`."""
    mailbox = Mailbox(answer, seconds)
    with socket.create_server(("127.0.0.1", 0)) as free:  # aiosmtpd can't choose a port itself
        port = free.getsockname()[1]
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield f"smtp://127.0.0.1:{port}", mailbox
    finally:
        controller.stop(no_assert=True)
