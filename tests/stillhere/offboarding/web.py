"""The real web server on loopback, and mails whose links lead to it."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from sqlalchemy import Engine

from stillhere.offboarding.app import build_app
from stillhere.offboarding.serving import Serving
from stillhere.settings import Settings
from tests.stillhere.campaigns.world import TUESDAY_NIGHT
from tests.stillhere.sending.nights import SENDER, company

WEB_URL = "https://mail.tiny.example"
KEY = "k" * 32
START_SECONDS = 20


@dataclass
class Clock:
    """A clock that a test turns."""

    now: datetime = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def web_company(folder: Path, environment: Mapping[str, str] | None = None, **changes: Any) -> Settings:
    """The small company, with our own pages."""
    given = {"sender": {**SENDER, "web_url": WEB_URL}, **changes}
    return company(folder, {"STILLHERE_WEB_KEY": KEY, **(environment or {})}, **given)


@contextmanager
def running(settings: Settings, engine: Engine, clock: Clock) -> Iterator[httpx.Client]:
    """The app under uvicorn on a free port."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen(128)
    server = uvicorn.Server(uvicorn.Config(build_app(Serving(settings, engine, clock)), log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    until = time.monotonic() + START_SECONDS
    while not server.started:
        assert thread.is_alive()
        assert time.monotonic() < until
        time.sleep(0.01)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{listening.getsockname()[1]}", timeout=30) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join(START_SECONDS)
        listening.close()


def delivered(settings: Settings) -> list[EmailMessage]:
    """The mails that were handed over, ordered by their addressee."""
    folder = settings.places.out_folder(TUESDAY_NIGHT) / "mail"
    mails = [message_from_bytes(file.read_bytes(), policy=default) for file in folder.glob("*.eml")]
    return sorted(mails, key=lambda mail: str(mail["To"]))  # type: ignore[arg-type]


def stop_path(mail: EmailMessage) -> str:
    """Where the mail's List-Unsubscribe leads, without the public address."""
    found = re.match(rf"<{WEB_URL}(/u/[^>]+)>", str(mail["List-Unsubscribe"]))
    assert found
    return found[1]
