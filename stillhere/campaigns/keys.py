"""Names that never change: who a person is, and which message belongs to which occasion."""

from __future__ import annotations

import hashlib
from datetime import date

MESSAGE_ID_DIGITS = 32
"""128 bits: two messages never share one."""


def occasion_key(campaign: str, account_id: str, opened_date: date) -> str:
    """The key of an occasion that opens on a night. Once stored it is read, never derived again."""
    return f"{campaign}:{account_id}:{opened_date.isoformat()}"


def person_key(email: str | None, account_id: str) -> str:
    """A person is a normalised e-mail address; where none is known, the account stands for its people."""
    return email.strip().lower() if email else f"account:{account_id}"


def message_id(campaign: str, person: str, occasion: str) -> str:
    """The message of one campaign to one person about one occasion; the ledger keeps it apart by mode."""
    text = "\x1f".join((campaign, person, occasion))
    return hashlib.sha256(text.encode()).hexdigest()[:MESSAGE_ID_DIGITS]
