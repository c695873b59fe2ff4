"""Mail servers that really listen: SMTP, and SendGrid's one address."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
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


class SendGridStub:
    """What an HTTP server in SendGrid's place has been asked, and what it answers by the number of the request."""

    def __init__(self, statuses: Callable[[int], int]) -> None:
        self.requests: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.statuses = statuses


@contextmanager
def sendgrid_server(statuses: Callable[[int], int] = lambda _number: 202) -> Iterator[tuple[str, SendGridStub]]:
    """A server that takes `POST /v3/mail/send`: its URL and what it was asked."""
    told = SendGridStub(statuses)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told.requests.append({"path": self.path, **json.loads(body)})
            told.keys.append(self.headers["Authorization"])
            status = told.statuses(len(told.requests))
            self.send_response(status)
            self.send_header("X-Message-Id", f"sg-{len(told.requests)}")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", told
    finally:
        server.shutdown()
        server.server_close()
