"""SendGrid's events as we keep them. What a field holds is never trusted: too long is cut, missing is empty."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from stillhere.operations.mail_events import MailEvent

PROVIDER = "sendgrid"
UNREADABLE = "unreadable"
LONGEST_REASON = 2000
LAST_SECOND = 253_402_300_799
"""The end of the year 9999: no calendar goes further."""


class NoEventsError(ValueError):
    """A body that is no list of events."""


def read_events(body: bytes, received_at: datetime) -> list[MailEvent]:
    """The events of a request, in its order. Raises NoEventsError for what is no JSON list.

    An entry that is no event is kept too, as kind `unreadable`: it was signed, so somebody may want to know.
    """
    try:
        listed = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise NoEventsError("the body is no JSON") from error
    if not isinstance(listed, list):
        raise NoEventsError("the body is no list of events")
    return [
        _event(entry, received_at) if isinstance(entry, dict) else _unreadable(entry, received_at) for entry in listed
    ]


def _event(entry: Mapping[str, Any], received_at: datetime) -> MailEvent:
    smtp_id = _text(entry.get("smtp-id") or entry.get("smtp_id"), 255)
    email = _text(entry.get("email"), 320)
    message_id = _text(entry.get("message_id"), 64)
    provider_message_id = _text(entry.get("sg_message_id"), 128)
    provider_event_id = _text(entry.get("sg_event_id"), 128)
    kind = _text(entry.get("event"), 32) or UNREADABLE
    email = email.lower() if email else None
    # SendGrid may give another sg_event_id when it tells an event again. What does not change is which mail, to whom,
    # what, when, which link and which try. Only an event of no known mail falls back on its own id.
    mail = provider_message_id or smtp_id or message_id or provider_event_id
    parts = (PROVIDER, mail, email, kind, entry.get("timestamp"), entry.get("url"), entry.get("attempt"))
    return MailEvent(
        event_id=_digest(parts),
        provider=PROVIDER,
        provider_event_id=provider_event_id,
        message_id=message_id,
        provider_message_id=provider_message_id,
        smtp_id=smtp_id,
        email=email,
        campaign=_campaign(entry.get("category")),
        kind=kind,
        subtype=_text(entry.get("type"), 64),
        reason=_text(entry.get("reason") or entry.get("response"), LONGEST_REASON),
        occurred_at=_moment(entry.get("timestamp"), received_at),
        received_at=received_at,
    )


def _unreadable(entry: object, received_at: datetime) -> MailEvent:
    told = json.dumps(entry, ensure_ascii=False)
    nothing = dict.fromkeys(
        ("provider_event_id", "message_id", "provider_message_id", "smtp_id", "email", "campaign", "subtype")
    )
    return MailEvent(
        event_id=_digest((PROVIDER, UNREADABLE, told)),
        provider=PROVIDER,
        kind=UNREADABLE,
        reason=_text(told, LONGEST_REASON),
        occurred_at=received_at,
        received_at=received_at,
        **nothing,
    )


def _digest(parts: tuple[object, ...]) -> str:
    # As JSON, so that a part with a separator in it is not two parts.
    return hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()


def _text(value: object, longest: int) -> str | None:
    """A text without what PostgreSQL cannot hold (NUL, lone surrogates), cut to what its column holds."""
    if value is None or isinstance(value, (dict, list)):
        return None
    shown = str(value).replace("\x00", "").encode("utf-8", "replace").decode().strip()
    return shown[:longest] or None


def _campaign(category: object) -> str | None:
    first = category[0] if isinstance(category, list) and category else category
    return _text(first, 64)


def _moment(timestamp: object, received_at: datetime) -> datetime:
    try:
        seconds = float(str(timestamp))
    except ValueError:
        return received_at
    return datetime.fromtimestamp(seconds, UTC) if 0 < seconds <= LAST_SECOND else received_at
