"""What a sender is. Each lies in a file of its own (`sender_*.py`); `open_sender.py` says which one is used."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from stillhere.settings import StillhereError


class SenderNotReadyError(StillhereError):
    """A live sender lacks what it needs; nothing was handed over."""

    exit_code = 2


Status = Literal["accepted", "refused", "unknown"]


@dataclass(frozen=True, slots=True)
class HandedOver:
    """What a sender made of one message. `unknown`: it may have left, so it is never tried again blindly."""

    status: Status
    detail: str = ""
    no_connection: bool = False
    """Nobody was reached at all, or nobody lets us in: the trouble is not this message's."""
    provider_id: str | None = None
    retry_after_seconds: float | None = None
    """With `refused`: nothing was taken, and the provider asks to come again after this long."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """Outbox rows of one campaign that are handed over together, at most the sender's `at_once`.

    `planned_at` (with a zone) dates the mails. With `send_at` the provider keeps them until then; `batch_id` is its
    name for what can be called back.

    `still_ours` says whether messages (by id) are still this process's to hand over, and were looked at a moment ago. A
    sender whose messages must not be repeated asks as its last act before they leave, and answers STOOD_STILL where
    they are not: a process may be frozen for a day between any two steps, and others go on.
    """

    rows: Sequence[Mapping[str, Any]]
    planned_at: datetime
    send_at: datetime | None = None
    batch_id: str | None = None
    still_ours: Callable[[Collection[str]], bool] = lambda _message_ids: True

    def due_at(self, row: Mapping[str, Any]) -> datetime | None:
        """When the provider is to send a row: not before its own hours begin. None: at once."""
        begins = row.get("send_at")
        if begins is None or begins <= (self.send_at or self.planned_at):
            return self.send_at
        return begins  # type: ignore[no-any-return]  # a time with its zone, by the outbox's schema


STOOD_STILL = HandedOver("refused", "not tried: this sender stood still, and looks anew", retry_after_seconds=0.0)
"""Another may have sent or settled the message meanwhile, or its reader have stopped."""


class Sender(Protocol):
    """Takes messages. `at_once` is how many it takes in one hand-over."""

    name: str
    at_once: int
    may_repeat: bool
    """Whether handing the same message over twice is harmless, so that a cut-off hand-over can simply be repeated."""
    is_scheduled: bool
    """Whether the provider keeps a message until its reader's hours begin."""
    call_back_minutes: int
    """How long the provider keeps messages in which they can be called back; 0: they leave at once."""

    def send(self, bundle: Bundle) -> list[HandedOver]:
        """Hands messages over; gives what became of each, in their order. Never raises for what a network does."""

    def open_batch(self) -> str | None:
        """A new name for messages that can be called back together, or None when the provider does not answer."""

    def close(self) -> None:
        """Ends connections."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A message that may have left; `handed_over_at` is by our clock."""

    message_id: str
    email: str
    handed_over_at: datetime


@dataclass(frozen=True)
class LogAnswer:
    """What a provider's log says of some messages.

    `left` and `stayed` map message ids to words. `missed` are those that the log was asked for one by one and did not
    show. `asked_at` is the provider's clock when it answered; without it nothing can be said of what is missing.
    """

    left: Mapping[str, str]
    stayed: Mapping[str, str]
    missed: frozenset[str]
    asked_at: datetime | None


class ProviderLog(Protocol):
    """A provider's own record of what it has taken."""

    def find(self, wanted: Sequence[Wanted], *, each: bool) -> LogAnswer:
        """Looks for messages; `each` asks for every one that a walk by time does not find. Raises ProviderError."""


class ProviderError(StillhereError):
    """The provider did not answer a question; nothing was changed."""
