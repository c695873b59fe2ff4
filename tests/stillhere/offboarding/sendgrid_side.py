"""SendGrid's side of the event webhook: a real key pair, and requests signed the way it signs them."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

Event = Mapping[str, Any]


class SendGridSide:
    """One account's key, and how it tells events."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())

    @property
    def public_key(self) -> str:
        """As its settings show it."""
        der = self._key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return base64.b64encode(der).decode()

    def signed(self, body: bytes, at: datetime) -> dict[str, str]:
        """The headers of a request."""
        timestamp = str(int(at.timestamp()))
        signature = self._key.sign(timestamp.encode() + body, ec.ECDSA(hashes.SHA256()))
        return {
            "X-Twilio-Email-Event-Webhook-Signature": base64.b64encode(signature).decode(),
            "X-Twilio-Email-Event-Webhook-Timestamp": timestamp,
            "Content-Type": "application/json",
        }

    def request(self, events: Sequence[Event] | bytes, at: datetime) -> dict[str, Any]:
        """Body and headers, for an HTTP client."""
        # SendGrid ends lines with CRLF: whoever parses and writes the JSON anew has another body.
        body = events if isinstance(events, bytes) else (json.dumps(events, indent=0) + "\r\n").encode()
        return {"content": body, "headers": self.signed(body, at)}


def event(kind: str = "delivered", number: int = 0, **more: Any) -> dict[str, Any]:
    """An event as SendGrid tells it, of the mail with this number."""
    return {
        "email": f"a{number:03}@x.example",
        "timestamp": 1772607600 + number,
        "smtp-id": f"<{number}.abc@geopod-ismtpd-1>",
        "event": kind,
        "category": ["slipping"],
        "sg_event_id": f"ev-{kind}-{number}",
        "sg_message_id": f"sg{number}.recvd-1",
        "message_id": f"{number:032x}",
        **more,
    }
