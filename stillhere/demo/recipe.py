"""What a demo company is drawn from, and its streams of random numbers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from stillhere.demo.calendar import Calendar

DEFAULT_ACCOUNTS, DEFAULT_SEED, DEFAULT_UNTIL = 4000, 7, date(2026, 9, 30)
RECIPE_FILE = "demo.json"


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a demo company is drawn from; the same recipe gives the same company."""

    accounts: int = DEFAULT_ACCOUNTS
    seed: int = DEFAULT_SEED
    until: date = DEFAULT_UNTIL

    def __str__(self) -> str:
        return f"{self.accounts:,} accounts, seed {self.seed}, until {self.until}"

    def same_company(self, other: Recipe) -> bool:
        """Whether `other` is the same company at the same or an earlier day of the same half-year."""
        same = (self.accounts, self.seed) == (other.accounts, other.seed)
        return same and Calendar.of(self.until).first == Calendar.of(other.until).first and other.until <= self.until


def recipe_of(sources: Path) -> Recipe | None:
    """What the company in a folder was drawn from, or None where there is none, or one of somebody's own."""
    file = sources / RECIPE_FILE
    if not file.is_file():
        return None
    try:
        told = json.loads(file.read_text())
        return Recipe(int(told["accounts"]), int(told["seed"]), date.fromisoformat(told["until"]))
    except (ValueError, KeyError, TypeError):
        return None


def streams_of(recipe: Recipe, calendar: Calendar) -> dict[str, np.random.Generator]:
    """One stream of random numbers a part, so that a change in one leaves the others as they were."""
    # A new part comes last: those before keep their streams.
    parts = ["accounts", "leaving", "people", "contracts", "invoices", "calls", "tickets", "crm", "billing", "usage"]
    parts += ["answers", "responses", "returns"]
    root = np.random.SeedSequence(_entropy(recipe, calendar))
    return {
        part: np.random.Generator(np.random.PCG64(seed))
        for part, seed in zip(parts, root.spawn(len(parts)), strict=True)
    }


def stream_of_day(recipe: Recipe, day: date, part: int) -> np.random.Generator:
    """A stream of what begins on a day, whatever begins on others; `part` tells several apart."""
    entropy = [*_entropy(recipe, Calendar.of(recipe.until)), day.toordinal(), part]
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(entropy)))


def _entropy(recipe: Recipe, calendar: Calendar) -> list[int]:
    return [recipe.seed, recipe.accounts, calendar.first.toordinal()]
