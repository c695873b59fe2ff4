"""Whether a request comes from SendGrid: ECDSA over its time and its body as it came, before anything is parsed."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key

SIGNATURE_HEADER = "X-Twilio-Email-Event-Webhook-Signature"
TIMESTAMP_HEADER = "X-Twilio-Email-Event-Webhook-Timestamp"

Refusal = Literal["unsigned", "stale", "wrong signature"]


class NoKeyError(ValueError):
    """A text that is no key as SendGrid shows it."""


def read_keys(text: str) -> tuple[ec.EllipticCurvePublicKey, ...]:
    """Keys as SendGrid's settings show them (base64), separated by commas. Raises NoKeyError."""
    found = []
    for one in text.split(","):
        bare = "".join(line for line in one.split() if line and not line.startswith("-----"))
        bare = bare.replace("-----BEGINPUBLICKEY-----", "").replace("-----ENDPUBLICKEY-----", "")
        try:
            key = load_der_public_key(base64.b64decode(bare, validate=True))
        except (ValueError, binascii.Error) as error:
            raise NoKeyError("not a key: copy it from SendGrid, Mail Settings, Event Webhook") from error
        if not isinstance(key, ec.EllipticCurvePublicKey):
            raise NoKeyError("not an ECDSA key: copy it from SendGrid, Mail Settings, Event Webhook")
        found.append(key)
    return tuple(found)


def why_refused(
    keys: Sequence[ec.EllipticCurvePublicKey],
    signature: str | None,
    timestamp: str | None,
    body: bytes,
    now: datetime,
    max_age_seconds: int,
) -> Refusal | None:
    """Why a request is not taken, or None for one that is signed by one of the keys and not too old.

    A time that lies as far in the future is refused too: otherwise a clock that is ahead would sign requests for ever.
    """
    if not signature or not timestamp or not timestamp.isascii() or not timestamp.isdigit():
        return "unsigned"
    try:
        signed = base64.b64decode(signature, validate=True)
    except (ValueError, binascii.Error):
        return "unsigned"
    if not any(_fits(key, signed, timestamp.encode() + body) for key in keys):
        return "wrong signature"
    return "stale" if abs(now.timestamp() - int(timestamp)) > max_age_seconds else None


def _fits(key: ec.EllipticCurvePublicKey, signature: bytes, signed: bytes) -> bool:
    try:
        key.verify(signature, signed, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True
