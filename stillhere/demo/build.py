"""Builds the demo company: three sources in their vendors' shapes, and the truth apart from them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from itertools import count
from pathlib import Path

import polars as pl

from stillhere.demo.accounts import Accounts, draw_accounts
from stillhere.demo.answered_crm import answered_crm
from stillhere.demo.answering import World, answer
from stillhere.demo.billing import build_billing
from stillhere.demo.calendar import Calendar
from stillhere.demo.changes import draw_changes
from stillhere.demo.contacts import staff_of
from stillhere.demo.contracts import periods_of
from stillhere.demo.conversations import draw_calls, draw_tickets
from stillhere.demo.crm import build_crm
from stillhere.demo.exit_reasons import Question
from stillhere.demo.invoices import draw_bills
from stillhere.demo.leaving import draw_leaving
from stillhere.demo.lived import lived
from stillhere.demo.people import draw_people
from stillhere.demo.recipe import (
    RECIPE_FILE,
    Recipe,
    stream_of_day,
    streams_of,
)
from stillhere.demo.record import no_answers, write_record
from stillhere.demo.responses import draw_responses
from stillhere.demo.returned import returned_billing, returned_by_day, returned_use
from stillhere.demo.returning import draw_returns, with_returns
from stillhere.demo.spliced_billing import spliced_billing
from stillhere.demo.spliced_use import Drawn, spliced_use
from stillhere.demo.truth import PLANTED_HABIT, truth_of
from stillhere.demo.usage import blocks_of, draw_usage
from stillhere.demo.write import write_sqlite, write_usage

ANSWERING, USING, PAYING, USING_AGAIN, PAYING_AGAIN = range(5)
"""Streams of what begins on a day: answers to deliveries; changed use and payments; use and payments of returns."""


@dataclass(frozen=True, slots=True)
class Built:
    """How much there is."""

    accounts: int
    events: int
    first: date
    until: date


def build_demo(
    recipe: Recipe,
    sources: Path,
    truth: Path,
    progress: Callable[[int, int], None] | None = None,
    record: pl.DataFrame | None = None,
) -> Built:
    """Writes a demo company; both folders are replaced when everything is whole.

    `record` is what was delivered to it and what that did (`stillhere.demo.record`); without it nothing ever was.
    """
    record = no_answers() if record is None else record
    calendar = Calendar.of(recipe.until)
    rng = streams_of(recipe, calendar)
    world = draw_world(recipe)
    accounts, planned = world.accounts, world.planned
    people = draw_people(rng["people"], accounts)
    life = lived(planned, accounts, record, calendar)
    periods = periods_of(accounts, planned, draw_changes(rng["contracts"], accounts, planned, calendar))
    bills = draw_bills(rng["invoices"], accounts, planned, periods, calendar)
    calls = draw_calls(rng["calls"], accounts, planned, calendar)
    tickets = draw_tickets(rng["tickets"], rng["answers"], accounts, planned, calendar)
    crm = build_crm(rng["crm"], accounts, people, planned, calls, tickets, calendar)
    changes = draw_changes(streams_of(recipe, calendar)["contracts"], accounts, planned, calendar, life.leaving)
    periods = periods_of(accounts, life.leaving, changes)
    billing = build_billing(rng["billing"], accounts, planned, crm.names, periods, bills, calendar)
    use = draw_usage(rng["usage"], accounts, people, planned, staff_of(people, crm.extras), calendar)
    using, paying = (
        {step.begin: stream_of_day(recipe, step.first_day, part) for step in life.steps} for part in (USING, PAYING)
    )
    company = Drawn(accounts, people, calendar)
    use = spliced_use(use, company, life, using)
    billing_tables = spliced_billing(billing, accounts, people, life, periods, calendar, paying)
    back = returned_by_day(life, calendar)
    using, paying = (
        {day: stream_of_day(recipe, calendar.first + timedelta(days=day), part) for day in back}
        for part in (USING_AGAIN, PAYING_AGAIN)
    )
    use = returned_use(use, company, life, back, using)
    billing_tables = returned_billing(billing_tables, billing, accounts, periods, back, calendar, paying)

    draft, truth_draft = _empty(sources), _empty(truth)
    try:
        write_sqlite(answered_crm(crm.tables, record, life, calendar), draft / "crm.sqlite")
        write_sqlite(billing_tables, draft / "billing.sqlite")
        events = write_usage(use, draft / "usage", calendar, _steps(accounts, calendar, progress))
        (draft / RECIPE_FILE).write_text(json.dumps(asdict(recipe), default=str))
        told = truth_of(accounts, life, world.responses, crm, billing, calendar)
        told.write_parquet(truth_draft / "accounts.parquet")
        write_record(record, truth_draft)
        (truth_draft / "planted_habit.json").write_text(json.dumps(PLANTED_HABIT, indent=2))
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        shutil.rmtree(truth_draft, ignore_errors=True)
        raise
    _replace(truth, truth_draft)
    _replace(sources, draft)
    return Built(crm.tables["companies"].height, events, calendar.first, recipe.until)


def draw_world(recipe: Recipe) -> World:
    """The customers, who would leave if left alone, and how each answers being contacted."""
    calendar = Calendar.of(recipe.until)
    rng = streams_of(recipe, calendar)
    accounts = draw_accounts(rng["accounts"], recipe.accounts, calendar)
    planned = draw_leaving(rng["leaving"], accounts, calendar)
    returns = draw_returns(rng["returns"], planned)
    return World(accounts, planned, draw_responses(rng["responses"], planned), returns)


def answer_deliveries(
    recipe: Recipe, delivered: pl.DataFrame, record: pl.DataFrame, question: Question | None = None
) -> pl.DataFrame:
    """The record with answers to what was delivered up to the recipe's last day; `question` is the goodbye's."""
    rng = stream_of_day(recipe, recipe.until, ANSWERING)
    return answer(rng, delivered, record, draw_world(recipe), recipe.until, question or Question())


def come_back(recipe: Recipe, until: date, record: pl.DataFrame) -> pl.DataFrame:
    """The record with who comes back by themselves between the recipe's last day and a later one, that one included."""
    world = draw_world(recipe)
    return with_returns(record, world.returns, world.responses, Calendar.of(recipe.until), until)


def _steps(accounts: Accounts, calendar: Calendar, progress: Callable[[int, int], None] | None) -> Callable[[], None]:
    """Counts the blocks of use and the months that have been written."""
    total = blocks_of(accounts) + len(calendar.months_written())
    done = count(1)

    def step() -> None:
        if progress is not None:
            progress(next(done), total)

    return step


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
