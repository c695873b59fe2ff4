"""What SendGrid is asked: the bodies of `POST /v3/mail/send` for a bundle of outbox rows. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stillhere.mails.mail import MESSAGE_ID_HEADER, unsubscribe_headers
from stillhere.sending.senders import Bundle
from stillhere.sending.sendgrid_frame import Frame, frame_of, shape_of
from stillhere.settings import Company

MOST_PEOPLE = 1_000
MOST_BYTES = 25_000_000
"""SendGrid refuses a request of 30 MB."""
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Part:
    """Rows that fit into one request, and the frame they share; a row alone needs none."""

    rows: tuple[Row, ...]
    frame: Frame | None

    def halves(self) -> tuple[Part, Part]:
        """The same rows as two parts, to find the one that spoils a request."""
        middle = len(self.rows) // 2
        return _part(self.rows[:middle]), _part(self.rows[middle:])


def parts_of(rows: Sequence[Row]) -> Iterator[Part]:
    """Rows of one campaign as few requests; no address twice in one of them, which SendGrid would refuse."""
    groups: dict[tuple[object, ...], list[Row]] = {}
    seen: set[tuple[object, ...]] = set()
    for row in rows:
        key: tuple[object, ...] = (row["language"], row.get("reply_to"), *shape_of(row["text"], row["html"]))
        while (*key, row["email"]) in seen:
            key = (*key, "again")
        seen.add((*key, row["email"]))
        groups.setdefault(key, []).append(row)
    for group in groups.values():
        for start in range(0, len(group), MOST_PEOPLE):
            yield from _framed(group[start : start + MOST_PEOPLE])


def _framed(rows: Sequence[Row]) -> Iterator[Part]:
    part = _part(rows)
    if part.frame is None and len(rows) > 1:
        # One mail that is unlike the others should not cost them their frame.
        for half in (rows[: len(rows) // 2], rows[len(rows) // 2 :]):
            yield from _framed(half)
    else:
        yield part


def _part(rows: Sequence[Row]) -> Part:
    alone = len(rows) == 1
    return Part(tuple(rows), None if alone else frame_of([(row["text"], row["html"]) for row in rows]))


def request_body(part: Part, bundle: Bundle, company: Company, *, sandbox: bool = False) -> dict[str, Any]:
    """The request for one part. In sandbox mode SendGrid checks it and sends nothing."""
    sender, first, frame = company.sender, part.rows[0], part.frame
    text, html = (frame.text, frame.html) if frame else (first["text"], first["html"])
    body: dict[str, Any] = {
        "personalizations": [_person(row, company, part, at, bundle, sandbox) for at, row in enumerate(part.rows)],
        "from": {"email": sender.email, "name": sender.name},
        "content": [{"type": "text/plain", "value": text}, {"type": "text/html", "value": html}],
        "categories": [first["campaign"]],
        # The links of a mail are checked before it leaves; a provider that rewrites them would undo that.
        "tracking_settings": {
            "click_tracking": {"enable": False, "enable_text": False},
            "subscription_tracking": {"enable": False},
        },
    }
    if reply_to := first.get("reply_to") or sender.reply_to:
        body["reply_to"] = {"email": reply_to}
    if sender.asm_group_id is not None:
        body["asm"] = {"group_id": sender.asm_group_id}
    if sandbox:
        body["mail_settings"] = {"sandbox_mode": {"enable": True}}
    elif bundle.send_at is not None:
        body["send_at"] = int(bundle.send_at.timestamp())
        body["batch_id"] = bundle.batch_id
    return body


def is_too_big(body: Mapping[str, Any]) -> bool:
    """Whether a request is longer than SendGrid takes."""
    return len(json.dumps(body).encode()) > MOST_BYTES


def _person(row: Row, company: Company, part: Part, at: int, bundle: Bundle, sandbox: bool) -> dict[str, Any]:
    person: dict[str, Any] = {
        "to": [{"email": row["email"]}],
        "subject": row["subject"],
        "headers": {MESSAGE_ID_HEADER: row["message_id"], **unsubscribe_headers(company, row)},
        "custom_args": {"message_id": row["message_id"]},
    }
    if part.frame is not None:
        person["substitutions"] = dict(part.frame.values[at])
    due = bundle.due_at(row)
    if due is not None and due != bundle.send_at and not sandbox:
        person["send_at"] = int(due.timestamp())
    return person
