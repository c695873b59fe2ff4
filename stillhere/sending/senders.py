"""What a sender is. Each lies in a file of its own (`sender_*.py`); `open_sender.py` says which one is used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from stillhere.settings import StillhereError


class SenderNotReadyError(StillhereError):
    """A live sender lacks what it needs; nothing was handed over."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class HandedOver:
    """What a sender made of one message. `unknown`: it may have left, so it is never tried again blindly."""

    status: Literal["accepted", "refused", "unknown"]
    detail: str = ""
    no_connection: bool = False
    """Nobody was reached at all: the trouble is not this message's."""


class Sender(Protocol):
    """Takes one message at a time."""

    name: str
    may_repeat: bool
    """Whether handing the same message over twice is harmless, so that a cut-off hand-over can simply be repeated."""

    def send(self, row: Mapping[str, Any], planned_at: datetime) -> HandedOver:
        """Hands one outbox row over. Does not raise for what a provider or network does."""

    def close(self) -> None:
        """Ends connections."""
