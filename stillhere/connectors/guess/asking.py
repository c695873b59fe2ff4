"""Asking a person what the data do not say, or saying which option answers it when nobody is there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal, InvalidOperation
from typing import Protocol
from zoneinfo import available_timezones

from stillhere.connectors.guess.money import is_currency
from stillhere.settings import StillhereError


class UnansweredError(StillhereError):
    """A question that only a person can answer, and nobody to ask."""


Wrong = Callable[[str], str | None]
"""Says what is wrong with an answer; None when it will do."""


class Asker(Protocol):
    """Answers questions."""

    def choose(self, question: str, choices: Sequence[tuple[str, str]], default: str | None, option: str) -> str:
        """One of the choices (value, what is shown). Raises UnansweredError."""

    def text(self, question: str, default: str | None, option: str, wrong: Wrong) -> str:
        """A free answer that `wrong` has nothing against. Raises UnansweredError."""

    def confirm(self, question: str) -> bool:
        """Yes or no."""


class NobodyToAsk:
    """Takes what was guessed; a question without a guess names the option that answers it."""

    def choose(self, question: str, choices: Sequence[tuple[str, str]], default: str | None, option: str) -> str:
        return self._taken(question, default, option, ", ".join(value for value, _ in choices))

    def text(self, question: str, default: str | None, option: str, wrong: Wrong) -> str:  # noqa: ARG002 - guesses are right
        return self._taken(question, default, option, "")

    def confirm(self, question: str) -> bool:  # noqa: ARG002 - the same shape as with a person
        return True

    def _taken(self, question: str, default: str | None, option: str, choices: str) -> str:
        if default is not None:
            return default
        among = f", one of: {choices}" if choices else ""
        raise UnansweredError(f"{question.rstrip('?')}: the data do not say; give {option}{among}")


def wrong_zone(text: str) -> str | None:
    """What is wrong with a time zone."""
    return None if text in available_timezones() else f"{text!r} is no time zone of the tz database, like Europe/Berlin"


def wrong_currency(text: str) -> str | None:
    """What is wrong with a currency's code."""
    return None if is_currency(text.strip().upper()) else f"{text!r} is no currency; give three letters, like EUR"


def wrong_rate(text: str) -> str | None:
    """What is wrong with a rate."""
    try:
        return None if Decimal(text) > 0 else "a rate is above 0"
    except InvalidOperation:
        return f"{text!r} is no number; write it like 0.92"
