"""Mail events by webhook while a night is running on the same machine and database: how many, how late, none lost.

    .venv/bin/python -m benchmarks.webhook --rate 2000 --batch 100 --accounts 2000

Three figures. The floor: the same rows into the same table by bare `sqlite3`, one durable transaction a batch, nothing
of ours around it. At full speed: as many requests as the server takes, with nothing else running. Beside a night:
requests come at a fixed rate, ready or not, from the night's first second to its last; each is late by what it waited
in line too. Afterwards every event must be in the table once and worked.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from rich.console import Console
from rich.table import Table
from sqlalchemy.schema import CreateIndex, CreateTable

from stillhere.offboarding.sendgrid_events import read_events
from stillhere.offboarding.signature import SIGNATURE_HEADER, TIMESTAMP_HEADER
from stillhere.operations.tables import mail_events

STILLHERE = str(Path(sys.executable).with_name("stillhere"))
CONNECTIONS = 8
KINDS = ("processed", "delivered", "open", "click", "bounce", "deferred", "spamreport")
FULL_SPEED_EVENTS = 20_000
WORKED_WITHIN_SECONDS = 120
PATH = "/webhooks/sendgrid"


@dataclass
class Server:
    """A running server; its processor seconds are known when it has ended."""

    address: str
    processor_seconds: float = 0.0


@dataclass(frozen=True)
class Told:
    """What came of requests: when each was answered after it was due, and how many were not taken."""

    seconds: float
    late_seconds: list[float]
    events: int
    not_taken: int


def main() -> None:
    """Measures and prints; exit code 1 when an event is missing, counted twice, or the rate was not kept."""
    arguments = _arguments()
    key = ec.generate_private_key(ec.SECP256R1())
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **os.environ,
            "STILLHERE_DATA": folder,
            "STILLHERE_COMPANY": "config",
            "STILLHERE_OPERATIONS_URL": arguments.operations or "",
            "STILLHERE_SENDGRID_WEBHOOK_KEY": _shown(key),
            "STILLHERE_WEBHOOK_MAX_AGE_SECONDS": "3600",
        }
        _run(environment, "demo", "--accounts", str(arguments.accounts))
        floor = _floor(Path(folder) / "floor.sqlite", arguments.batch)
        with _server(environment) as server:
            alone = _at_full_speed(server.address, key, arguments.batch)
            begun = time.monotonic()
            night = subprocess.Popen([STILLHERE, "nightly"], env=environment, stdout=sys.stderr)
            beside = _at_a_rate(server.address, key, arguments, lambda: night.poll() is None)
            night_seconds = time.monotonic() - begun
            expected = alone.events + beside.events
            database = arguments.operations or f"sqlite:///{Path(folder) / 'demo' / 'operations.sqlite'}"
            stored, worked_seconds = _until_worked(database, expected)
    _show(floor, alone, beside)
    share = server.processor_seconds / expected * arguments.rate
    Console().print(
        f"The night took {night_seconds:.0f} s and ended with code {night.returncode}. "
        f"{stored:,} of {expected:,} events stored; all worked {worked_seconds:.1f} s after the last answer. "
        f"The server used {server.processor_seconds:.0f} s of processor time: {share:.0%} of a core at "
        f"{arguments.rate:,} events a second. Load average at the end: {os.getloadavg()[0]:.1f}."
    )
    kept = beside.events / beside.seconds >= arguments.rate * 0.98
    sys.exit(0 if stored == expected and beside.not_taken == 0 and kept and night.returncode in (0, 3) else 1)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=int, default=2000, help="events a second beside the night")
    parser.add_argument("--batch", type=int, default=100, help="events a request")
    parser.add_argument("--accounts", type=int, default=2000, help="size of the demo company whose night runs")
    parser.add_argument("--operations", help="URL of an empty operations database; default: SQLite")
    return parser.parse_args()


def _events(first: int, many: int) -> list[dict[str, Any]]:
    """Events that are all different; every seventh stops its addressee."""
    return [
        {
            "email": f"person{number}@bench.example",
            "timestamp": 1_780_000_000 + number // 7,
            "smtp-id": f"<{number}.abcdef0123@geopod-ismtpd-{number % 40}>",
            "event": KINDS[number % len(KINDS)],
            "category": ["slipping_note"],
            "sg_event_id": f"event-{number}-0123456789abcdef",
            "sg_message_id": f"message-{number}.recvd-5f-0123456789abcdef.0",
            "message_id": f"{number:032x}",
            "reason": "",
            "type": "bounce",
            "useragent": "Mozilla/5.0 (a mail program of a usual kind)",
            "ip": "192.0.2.1",
        }
        for number in range(first, first + many)
    ]


def _signed(key: ec.EllipticCurvePrivateKey, events: Sequence[dict[str, Any]]) -> dict[str, Any]:
    body, timestamp = json.dumps(events).encode(), str(int(time.time()))
    signature = key.sign(timestamp.encode() + body, ec.ECDSA(hashes.SHA256()))
    headers = {SIGNATURE_HEADER: base64.b64encode(signature).decode(), TIMESTAMP_HEADER: timestamp}
    return {"content": body, "headers": headers}


def _floor(file: Path, batch: int) -> float:
    """Events a second by bare inserts of the same rows."""
    bodies = [json.dumps(_events(first, batch)).encode() for first in range(0, FULL_SPEED_EVENTS, batch)]
    rows = [[astuple(event) for event in read_events(body, datetime.now(UTC))] for body in bodies]
    texts = [
        [tuple(str(value) if isinstance(value, datetime) else value for value in row) for row in some] for some in rows
    ]
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("pragma journal_mode=wal")
    connection.execute("pragma synchronous=full")
    connection.execute(str(CreateTable(mail_events)))
    for index in mail_events.indexes:
        if "unworked" not in str(index.name):
            connection.execute(str(CreateIndex(index)))
    columns = len(texts[0][0])
    began = time.monotonic()
    for some in texts:
        connection.execute("begin immediate")
        connection.executemany(f"insert or ignore into mail_events values ({', '.join('?' * columns)}, null)", some)
        connection.execute("commit")
    seconds = time.monotonic() - began
    connection.close()
    return FULL_SPEED_EVENTS / seconds


def _at_full_speed(address: str, key: ec.EllipticCurvePrivateKey, batch: int) -> Told:
    requests = [_signed(key, _events(first, batch)) for first in range(0, FULL_SPEED_EVENTS, batch)]
    clients = _Clients(address)
    began = time.monotonic()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        told = list(pool.map(lambda request: clients.post(request, time.monotonic()), requests))
    seconds = time.monotonic() - began
    return Told(seconds, [late for late, _ in told], FULL_SPEED_EVENTS, sum(not taken for _, taken in told))


def _at_a_rate(
    address: str, key: ec.EllipticCurvePrivateKey, arguments: argparse.Namespace, goes_on: Callable[[], bool]
) -> Told:
    """An open line: a request is due every so often, however long the ones before it take."""
    clients, told, number = _Clients(address), [], 0
    began = time.monotonic()
    with ThreadPoolExecutor(CONNECTIONS * 4) as pool:
        while goes_on():
            due = began + number * arguments.batch / arguments.rate
            first = FULL_SPEED_EVENTS + number * arguments.batch
            request = _signed(key, _events(first, arguments.batch))
            time.sleep(max(0.0, due - time.monotonic()))
            told.append(pool.submit(clients.post, request, due))
            number += 1
    answered = [one.result() for one in told]
    seconds = time.monotonic() - began
    return Told(
        seconds, [late for late, _ in answered], number * arguments.batch, sum(not taken for _, taken in answered)
    )


class _Clients:
    """One connection a thread."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._own = threading.local()

    def post(self, request: dict[str, Any], due: float) -> tuple[float, bool]:
        """Seconds from when it was due until it was answered, and whether it was taken."""
        client: httpx.Client | None = getattr(self._own, "client", None)
        if client is None:
            client = self._own.client = httpx.Client(base_url=self._address, timeout=60)
        taken = client.post(PATH, **request).status_code == httpx.codes.OK
        return time.monotonic() - due, taken


@contextmanager
def _server(environment: dict[str, str]) -> Iterator[Server]:
    process = subprocess.Popen(
        [STILLHERE, "serve", "--port", "0", "--json"], env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        server = Server(json.loads(process.stdout.readline())["address"])
        httpx.get(f"{server.address}/health", timeout=60).raise_for_status()
        yield server
    finally:
        process.terminate()
        _, _, used = os.wait4(process.pid, 0)
        process.returncode = 0
    server.processor_seconds = used.ru_utime + used.ru_stime


def _until_worked(database: str, expected: int) -> tuple[int, float]:
    """How many events are stored, and the seconds until all of them were worked."""
    from sqlalchemy import func, select

    from stillhere.operations import open_operations, reading
    from stillhere.operations.mail_events import count_unworked

    engine = open_operations(database)
    began = time.monotonic()
    while time.monotonic() - began < WORKED_WITHIN_SECONDS:
        with reading(engine) as connection:
            waiting = count_unworked(connection)
            stored = connection.scalar(select(func.count()).select_from(mail_events)) or 0
        if waiting == 0 and stored >= expected:
            break
        time.sleep(0.1)
    engine.dispose()
    return stored, time.monotonic() - began


def _show(floor: float, alone: Told, beside: Told) -> None:
    table = Table(title="Mail events by webhook")
    for column in ("what", "events/s", "late, median", "95 %", "99 %", "worst", "not taken"):
        table.add_column(column, justify="left" if column == "what" else "right")
    table.add_row("floor: bare sqlite3", f"{floor:,.0f}", "", "", "", "", "")
    for what, told in (("at full speed, alone", alone), ("beside a night", beside)):
        cuts = statistics.quantiles(told.late_seconds, n=100)
        shown = [statistics.median(told.late_seconds), cuts[94], cuts[98], max(told.late_seconds)]
        late = [f"{seconds * 1000:,.0f} ms" for seconds in shown]
        table.add_row(what, f"{told.events / told.seconds:,.0f}", *late, str(told.not_taken))
    Console(width=120).print(table)


def _run(environment: dict[str, str], *arguments: str) -> None:
    subprocess.run([STILLHERE, *arguments], env=environment, check=True, stdout=subprocess.DEVNULL)


def _shown(key: ec.EllipticCurvePrivateKey) -> str:
    der = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(der).decode()


if __name__ == "__main__":
    main()
