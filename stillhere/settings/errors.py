"""Configuration mistakes: collected all at once, each with file, key, what was expected, what to do."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mistake:
    """One wrong or missing value in a company's configuration."""

    file: str
    key: str
    expected: str
    action: str

    def __str__(self) -> str:
        place = f"{self.file}, {self.key}" if self.key else self.file
        return f"{place}: {self.expected}; {self.action}"


class StillhereError(Exception):
    """Base of every error Stillhere raises on purpose; its text says what, where and what to do next."""


class ConfigurationError(StillhereError):
    """The configuration has mistakes; `mistakes` holds all of them."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        self.mistakes = mistakes
        super().__init__("\n".join(str(mistake) for mistake in mistakes))
