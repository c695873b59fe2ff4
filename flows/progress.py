"""How a night tells whoever watches what it is doing. The command line listens; a deployment's log does too."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol


class Listener(Protocol):
    """Hears of every step of a night."""

    def step_started(self, step: str) -> None:
        """A step begins."""

    def step_ended(self, step: str, seconds: float, note: str) -> None:
        """A step is done; `note` says in a few words what came out of it."""

    def progressed(self, step: str, done: int, total: int) -> None:
        """A long step is so far."""


class SilentListener:
    """Nobody watches."""

    def step_started(self, step: str) -> None:
        """Says nothing."""

    def step_ended(self, step: str, seconds: float, note: str) -> None:
        """Says nothing."""

    def progressed(self, step: str, done: int, total: int) -> None:
        """Says nothing."""


_listener: ContextVar[Listener] = ContextVar("listener")


def current_listener() -> Listener:
    """Who watches this night."""
    return _listener.get(SilentListener())


@contextmanager
def watched_by(listener: Listener) -> Iterator[None]:
    """Within this block, nights report their steps to `listener`."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)
