"""Links into our own web pages that nobody can make up: a few words, and a signature over them.

A token says which page it is for, so that a link to one page opens no other. It holds no address and no customer id,
only the ledger's message id; the page looks the rest up.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence
from typing import Literal

Purpose = Literal["stop", "goodbye"]

SIGNATURE_BYTES = 16
"""128 bits of HMAC-SHA256: out of reach of guessing, and a link that still fits a line of mail."""
PART = re.compile(r"[A-Za-z0-9_-]{1,64}")


def signed_token(keys: Sequence[bytes], purpose: Purpose, *parts: str) -> str:
    """`parts` and their signature, joined by dots; the same parts always give the same token.

    The first key signs. Raises ValueError without a key, and for a part that does not fit into a link as it is.
    """
    if not keys:
        raise ValueError("a link needs a key to be signed with")
    for part in parts:
        if not PART.fullmatch(part):
            raise ValueError(f"{part!r} cannot stand in a link as it is")
    return ".".join((*parts, _signature(keys[0], purpose, parts)))


def read_token(keys: Sequence[bytes], purpose: Purpose, token: str) -> tuple[str, ...] | None:
    """The parts of a token that one of the keys has signed for this page, or None."""
    *parts, signature = token.split(".")
    if not parts or not all(PART.fullmatch(part) for part in (*parts, signature)):
        return None
    # Every key is tried, whichever fits, so that the time taken tells nothing.
    fits = [hmac.compare_digest(_signature(key, purpose, parts).encode(), signature.encode()) for key in keys]
    return tuple(parts) if any(fits) else None


def _signature(key: bytes, purpose: Purpose, parts: Sequence[str]) -> str:
    text = "\x1f".join((purpose, *parts))
    digest = hmac.new(key, text.encode(), hashlib.sha256).digest()[:SIGNATURE_BYTES]
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
