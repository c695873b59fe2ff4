"""Builds the demo company: three sources in their vendors' shapes, and the truth apart from them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from itertools import count
from pathlib import Path

import numpy as np

from stillhere.demo.accounts import Accounts, draw_accounts
from stillhere.demo.billing import build_billing
from stillhere.demo.calendar import Calendar
from stillhere.demo.changes import draw_changes
from stillhere.demo.contacts import staff_of
from stillhere.demo.contracts import periods_of
from stillhere.demo.conversations import draw_calls, draw_tickets
from stillhere.demo.crm import build_crm
from stillhere.demo.invoices import draw_bills
from stillhere.demo.leaving import draw_leaving
from stillhere.demo.people import draw_people
from stillhere.demo.truth import PLANTED_HABIT, truth_of
from stillhere.demo.usage import blocks_of, draw_usage
from stillhere.demo.write import write_sqlite, write_usage

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


@dataclass(frozen=True, slots=True)
class Built:
    """How much there is."""

    accounts: int
    events: int
    first: date
    until: date


def build_demo(recipe: Recipe, sources: Path, truth: Path, progress: Callable[[int, int], None] | None = None) -> Built:
    """Writes a demo company; both folders are replaced when everything is whole."""
    calendar = Calendar.of(recipe.until)
    rng = streams_of(recipe, calendar)
    accounts = draw_accounts(rng["accounts"], recipe.accounts, calendar)
    leaving = draw_leaving(rng["leaving"], accounts, calendar)
    people = draw_people(rng["people"], accounts)
    changes = draw_changes(rng["contracts"], accounts, leaving, calendar)
    periods = periods_of(accounts, leaving, changes)
    bills = draw_bills(rng["invoices"], accounts, leaving, periods, calendar)
    calls = draw_calls(rng["calls"], accounts, leaving, calendar)
    tickets = draw_tickets(rng["tickets"], rng["answers"], accounts, leaving, calendar)
    crm = build_crm(rng["crm"], accounts, people, leaving, calls, tickets, calendar)
    billing = build_billing(rng["billing"], accounts, leaving, crm.names, periods, bills, calendar)
    usage = draw_usage(rng["usage"], accounts, people, leaving, staff_of(people, crm.extras), calendar)

    draft, truth_draft = _empty(sources), _empty(truth)
    try:
        write_sqlite(crm.tables, draft / "crm.sqlite")
        write_sqlite(billing.tables, draft / "billing.sqlite")
        events = write_usage(usage, draft / "usage", calendar, _steps(accounts, calendar, progress))
        (draft / RECIPE_FILE).write_text(json.dumps(asdict(recipe), default=str))
        truth_of(accounts, leaving, crm, billing, calendar).write_parquet(truth_draft / "accounts.parquet")
        (truth_draft / "planted_habit.json").write_text(json.dumps(PLANTED_HABIT, indent=2))
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        shutil.rmtree(truth_draft, ignore_errors=True)
        raise
    _replace(truth, truth_draft)
    _replace(sources, draft)
    return Built(crm.tables["companies"].height, events, calendar.first, recipe.until)


def _steps(accounts: Accounts, calendar: Calendar, progress: Callable[[int, int], None] | None) -> Callable[[], None]:
    """Counts the blocks of use and the months that have been written."""
    total = blocks_of(accounts) + len(calendar.months_written())
    done = count(1)

    def step() -> None:
        if progress is not None:
            progress(next(done), total)

    return step


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
    parts += ["answers"]
    root = np.random.SeedSequence([recipe.seed, recipe.accounts, calendar.first.toordinal()])
    return {
        part: np.random.Generator(np.random.PCG64(seed))
        for part, seed in zip(parts, root.spawn(len(parts)), strict=True)
    }


def _empty(folder: Path) -> Path:
    draft = folder.with_name(f"{folder.name}.unfinished")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    return draft


def _replace(folder: Path, draft: Path) -> None:
    """Two renames, so that a run killed here leaves the old whole, the new whole, or none; never half of one."""
    old = folder.with_name(f"{folder.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    draft.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
