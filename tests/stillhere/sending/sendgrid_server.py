"""A server in SendGrid's place: takes mails as it does, keeps a log that lags and cuts, and has bad moods.

What it promises is what the published description says: 202 means queued; a log answers at most 1,000 messages, without
pages, for the fields it knows, and a message appears late; a cancelled batch is let go when it is due.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

Mood = str | int
"""accept, drop (takes it and hangs up), hang up (takes nothing), fail (takes it and answers 500), or a status."""
MOST_LOGGED = 1_000
CONDITION = re.compile(r'(\w+)\s*(>=|<=|=|>|<)\s*(?:TIMESTAMP\s*)?"([^"]*)"')


@dataclass
class Kept:
    """One message the server has taken."""

    sg_message_id: str
    email: str
    subject: str
    text: str
    html: str
    message_id: str
    categories: list[str]
    headers: dict[str, str]
    taken_at: datetime
    send_at: datetime | None
    batch_id: str | None

    @property
    def at(self) -> str:
        return self.taken_at.strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class SendGrid:
    """What the server has been asked and has kept. `clock` is its own; `log_lag` is how late its log is."""

    moods: Callable[[int], Mood] = lambda _number: "accept"
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    log_lag: timedelta = timedelta(0)
    seconds: float = 0.0
    url: str = ""
    sends: list[dict[str, Any]] = field(default_factory=list)
    asked: list[tuple[str, str, Any]] = field(default_factory=list)
    keys: set[str | None] = field(default_factory=set)
    kept: list[Kept] = field(default_factory=list)
    batches: list[str] = field(default_factory=list)
    cancelled: dict[str, datetime] = field(default_factory=dict)
    stops: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def message_ids(self) -> list[str]:
        """Our ids of all messages taken, in order; one taken twice stands there twice."""
        return [one.message_id for one in self.kept]

    def delivered(self) -> list[str]:
        """Our ids of what has left or will: taken, and not in a batch that was cancelled in time."""
        return [one.message_id for one in self.kept if not self.is_cancelled(one)]

    def is_cancelled(self, one: Kept) -> bool:
        at = self.cancelled.get(one.batch_id or "")
        return at is not None and one.send_at is not None and at < one.send_at - timedelta(minutes=10)

    def answer(self, method: str, path: str, query: Mapping[str, list[str]], body: Any) -> tuple[int | None, Any]:
        """Status and JSON of an answer; no status: the connection is closed."""
        if (method, path) == ("POST", "/v3/mail/send"):
            return self._mail(body)
        if (method, path) == ("POST", "/v3/mail/batch"):
            self.batches.append(f"batch{len(self.batches) + 1}")
            return 201, {"batch_id": self.batches[-1]}
        if (method, path) == ("POST", "/v3/user/scheduled_sends"):
            return self._cancel(body)
        if (method, path) == ("POST", "/v3/logs"):
            return self._log(body)
        if method == "GET" and path.startswith("/v3/logs/"):
            return self._logged(unquote(path.removeprefix("/v3/logs/")))
        if method == "GET" and path.removeprefix("/v3/") in self.stops:
            return self._stops(path.removeprefix("/v3/"), query)
        return (200, []) if method == "GET" and "suppression" in path else (404, {"errors": [{"message": "not found"}]})

    def _mail(self, body: dict[str, Any]) -> tuple[int | None, Any]:
        with self.lock:
            self.sends.append(body)
            number = len(self.sends)
            mood = self.moods(number)
        time.sleep(self.seconds)
        if mood == "hang up":
            return None, None
        if isinstance(mood, int) and mood != 202:
            return mood, {"errors": [{"message": "no", "field": "personalizations"}]}
        with self.lock:
            wrong = self._wrong(body)
            if wrong:
                return 400, {"errors": [{"message": wrong, "field": "personalizations.0.to"}]}
            if body.get("mail_settings", {}).get("sandbox_mode", {}).get("enable"):
                return 200, None
            name = f"sg{number}"
            self.kept += [
                self._keep(body, person, f"{name}.recvd-{at}") for at, person in enumerate(body["personalizations"])
            ]
        return {"accept": (202, name), 202: (202, name), "drop": (None, None), "fail": (500, None)}[mood]

    def _wrong(self, body: dict[str, Any]) -> str | None:
        people = body["personalizations"]
        emails = [person["to"][0]["email"] for person in people]
        sizes = [sum(len(k) + len(v.encode()) for k, v in one.get("substitutions", {}).items()) for one in people]
        if len(people) > 1_000:
            return "The personalization block is limited to 1000 personalizations per API request."
        if len(set(emails)) < len(emails):
            return "Each unique email address in the personalizations array should only be included once."
        if max(sizes) > 10_000:
            return "Substitutions are limited to 10000 bytes per personalization block."
        return "Does not contain a valid address." if any("@" not in email for email in emails) else None

    def _keep(self, body: dict[str, Any], person: dict[str, Any], sg_message_id: str) -> Kept:
        def filled(text: str) -> str:
            for tag, value in person.get("substitutions", {}).items():
                text = text.replace(tag, value)
            return text

        due = person.get("send_at") or body.get("send_at")
        return Kept(
            sg_message_id=sg_message_id,
            email=person["to"][0]["email"],
            subject=filled(person.get("subject") or body["subject"]),
            text=filled(body["content"][0]["value"]),
            html=filled(body["content"][1]["value"]),
            message_id=person["custom_args"]["message_id"],
            categories=body["categories"],
            headers={**body.get("headers", {}), **person.get("headers", {})},
            taken_at=self.clock(),
            send_at=datetime.fromtimestamp(due, UTC) if due else None,
            batch_id=body.get("batch_id"),
        )

    def _cancel(self, body: dict[str, Any]) -> tuple[int, Any]:
        if body["batch_id"] in self.cancelled:
            return 400, {"errors": [{"message": "already cancelled"}]}
        self.cancelled[body["batch_id"]] = self.clock()
        return 201, body

    def _visible(self) -> list[Kept]:
        return [one for one in self.kept if one.taken_at + self.log_lag <= self.clock()]

    def _log(self, body: dict[str, Any]) -> tuple[int, Any]:
        found = [one for one in self._visible() if _matches(one, body.get("query", ""))]
        limit = min(body.get("limit", 10), MOST_LOGGED)
        return 200, {"messages": [self._summary(one) for one in found[:limit]]}

    def _logged(self, sg_message_id: str) -> tuple[int, Any]:
        one = next((one for one in self._visible() if one.sg_message_id == sg_message_id), None)
        if one is None:
            return 404, {"errors": [{"message": "not found"}]}
        event = {"event": "cancel_drop", "reason": "cancelled"} if self.is_cancelled(one) else {"event": "delivered"}
        args = {"message_id": one.message_id}
        return 200, {**self._summary(one), "custom_args": args, "category": one.categories, "events": [event]}

    def _summary(self, one: Kept) -> dict[str, Any]:
        return {
            "from_email": "care@tiny.example",
            "sg_message_id": one.sg_message_id,
            "subject": one.subject,
            "to_email": one.email,
            "status": "dropped" if self.is_cancelled(one) else "delivered",
            "sg_message_id_created_at": one.at,
        }

    def _stops(self, path: str, query: Mapping[str, list[str]]) -> tuple[int, Any]:
        limit, offset = int(query.get("limit", ["500"])[0]), int(query.get("offset", ["0"])[0])
        return 200, self.stops[path][offset : offset + limit]


def _matches(one: Kept, query: str) -> bool:
    """The log's small language: conditions joined by AND. Anything it does not know is an error of ours."""
    values = {"to_email": one.email, "sg_message_id_created_at": one.at, "subject": one.subject}
    for part in query.split(" AND "):
        condition = CONDITION.fullmatch(part.strip())
        assert condition, f"the log does not know this: {part}"
        name, sign, wanted = condition.groups()
        have = values[name]
        order = "=" if have == wanted else "<" if have < wanted else ">"
        if order not in sign:
            return False
    return True


@contextmanager
def sendgrid_server(moods: Callable[[int], Mood] = lambda _number: "accept", **given: Any) -> Iterator[SendGrid]:
    """A server on a free port."""
    told = SendGrid(moods=moods, **given)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self._answer("POST")

        def do_GET(self) -> None:
            self._answer("GET")

        def do_DELETE(self) -> None:
            self._answer("DELETE")

        def _answer(self, method: str) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            body = json.loads(raw) if raw else None
            address = urlsplit(self.path)
            told.asked.append((method, self.path, body))
            told.keys.add(self.headers["Authorization"])
            status, found = told.answer(method, address.path, parse_qs(address.query), body)
            self.close_connection = True
            if status is None:
                return
            named = isinstance(found, str)
            content = b"" if named or found is None else json.dumps(found).encode()
            try:
                self.send_response_only(status)
                self.send_header("Date", format_datetime(told.clock(), usegmt=True))
                if named:
                    self.send_header("X-Message-Id", found)
                if status == 429:
                    self.send_header("X-RateLimit-Reset", str(int(told.clock().timestamp())))
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
            except OSError:
                """The sender was killed while it waited."""

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    told.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()
