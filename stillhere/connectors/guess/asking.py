"""Asking a person what the data do not say, or saying which option answers it when nobody is there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from stillhere.settings import StillhereError


class UnansweredError(StillhereError):
    """A question that only a person can answer, and nobody to ask."""


class Asker(Protocol):
    """Answers questions."""

    def choose(self, question: str, choices: Sequence[tuple[str, str]], default: str | None, option: str) -> str:
        """One of the choices (value, what is shown). Raises UnansweredError."""

    def text(self, question: str, default: str | None, option: str) -> str:
        """A free answer. Raises UnansweredError."""

    def confirm(self, question: str) -> bool:
        """Yes or no."""


class NobodyToAsk:
    """Takes what was guessed; a question without a guess names the option that answers it."""

    def choose(self, question: str, choices: Sequence[tuple[str, str]], default: str | None, option: str) -> str:
        return self._taken(question, default, option, ", ".join(value for value, _ in choices))

    def text(self, question: str, default: str | None, option: str) -> str:
        return self._taken(question, default, option, "")

    def confirm(self, question: str) -> bool:  # noqa: ARG002 - the same shape as with a person
        return True

    def _taken(self, question: str, default: str | None, option: str, choices: str) -> str:
        if default is not None:
            return default
        among = f", one of: {choices}" if choices else ""
        raise UnansweredError(f"{question.rstrip('?')}: the data do not say; give {option}{among}")
