"""What SendGrid is asked fits its published description: Prism, which reads it, answers every request."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from stillhere.sending.sender_sendgrid import SendGridSender
from stillhere.sending.sendgrid_client import SendGridClient
from tests.stillhere.sending.nights import SENDER, company
from tests.stillhere.sending.test_sendgrid import PLANNED, bundle_of, row

DESCRIPTIONS = Path(__file__).parent / "openapi"
START_SECONDS = 60

pytestmark = pytest.mark.skipif(
    shutil.which("prism") is None, reason="Prism is not installed: npm install -g @stoplight/prism-cli (.ci/run does)"
)


@contextmanager
def prism(name: str) -> Iterator[SendGridClient]:
    """SendGrid as one of its descriptions tells it: what does not fit is answered with an error."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [str(shutil.which("prism")), "mock", "--errors", "-p", str(port), str(DESCRIPTIONS / f"{name}.json")]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until and not _listens(port):
            time.sleep(0.1)
        yield SendGridClient("SG.test", f"http://127.0.0.1:{port}", sleep=lambda _s: None)
    finally:
        server.terminate()
        server.wait(30)


def _listens(port: int) -> bool:
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=1)
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


@pytest.mark.parametrize("sandbox", [False, True])
def test_a_request_of_many_mails_fits_the_description(tmp_path, sandbox: bool) -> None:
    settings = company(tmp_path, sender={**SENDER, "asm_group_id": 7, "reply_to": "care@x.example"})
    rows = [row(number, send_at=PLANNED + timedelta(hours=number)) for number in range(5)]
    with prism("mail") as client:
        sender = SendGridSender(settings.company, client, sandbox=sandbox)
        told = sender.send(bundle_of(*rows, send_at=PLANNED + timedelta(minutes=30), batch_id="abc"))
        assert {one.status for one in told} == {"accepted"}
        assert sender.open_batch()
        assert client.call("POST", "mail/send", {"personalizations": "none"}).status == 400  # it does look


def test_calling_back_and_asking_the_log_fit_their_descriptions() -> None:
    with prism("scheduled_sends") as client:
        assert client.call("POST", "user/scheduled_sends", {"batch_id": "abc", "status": "cancel"}).status == 201
        assert client.call("GET", "user/scheduled_sends/abc").status == 200
        assert client.call("POST", "user/scheduled_sends", {"batch_id": "abc", "status": "stop"}).status == 400
    with prism("logs") as client:
        assert client.call("POST", "logs", {"query": 'to_email = "a@x.example"', "limit": 1000}).status == 200
        assert client.call("POST", "logs", {"query": 'to_email = "a@x.example"', "limit": 1001}).status == 400
