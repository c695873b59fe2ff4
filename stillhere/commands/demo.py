"""`stillhere demo`: writes the demo company's databases and files."""

from __future__ import annotations

import errno
import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stillhere.commands.options import CompanyOption, parse_day, settings_of
from stillhere.settings import Settings, StillhereError

if TYPE_CHECKING:
    import polars as pl
    from sqlalchemy import Engine

    from stillhere.demo.build import Built
    from stillhere.demo.recipe import Recipe

DEMO_VENDORS = {"demo_crm", "demo_billing", "demo_usage"}


class DemoThereError(StillhereError):
    """Another company's data lies where the demo would be written."""

    exit_code = 2


class DemoBusyError(StillhereError):
    """Another process writes the same demo company."""


class DemoNotWrittenError(StillhereError):
    """The disk is full, or the folder cannot be written."""


class CannotLiveOnError(StillhereError):
    """There is no demo company to live on, or its time is up."""

    exit_code = 2


class NoDemoCompanyError(StillhereError):
    """The company of this folder reads no demo sources."""

    exit_code = 2


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("demo")(demo)


def demo(
    company: CompanyOption = None,
    accounts: Annotated[
        int | None, typer.Option("--accounts", min=20, max=100_000, help="How many customers. Default: 4000.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", min=0, help="Another seed, another company. Default: 7.")
    ] = None,
    until: Annotated[
        date | None,
        typer.Option("--until", metavar="DATE", parser=parse_day, help="The last day of data. Default: 2026-09-30."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace what is there.")] = False,
    advance: Annotated[
        int | None,
        typer.Option("--advance", metavar="DAYS", min=1, help="Live so many days more, answering what was delivered."),
    ] = None,
) -> None:
    """Write a believable subscription-software company: a CRM, a billing database and product usage.

    The same accounts, seed and day give the same company; a later day of the same half-year is the same company that
    lived on. What was planted (who leaves, when and why) lies apart in data/demo/truth.

    With --advance the company there lives on and answers what live nights delivered ('stillhere nightly --send'; the
    files sender will do): mails are opened and replied to, calls are made, some stay after all, some leave for having
    been reminded, some who leave say why, some come back. Night after night, 'stillhere results' then has something to
    tell.

    Example: stillhere demo --accounts 500 --seed 3 --until 2026-10-01
    """
    from stillhere.demo.recipe import Recipe

    settings = settings_of(company)
    if advance is not None:
        if force or any(given is not None for given in (accounts, seed, until)):
            raise typer.BadParameter("--advance goes alone: the company there lives on as it is")
        typer.echo(advance_demo(settings, advance))
        return
    told = {"accounts": accounts, "seed": seed, "until": until}
    recipe = Recipe(**{name: value for name, value in told.items() if value is not None})  # type: ignore[arg-type]  # each has its own type
    typer.echo(_build(settings, recipe, force=force))


def build_demo_for(settings: Settings) -> str:
    """Builds the demo as it comes; gives what there is, in words."""
    from stillhere.demo.recipe import Recipe

    return _build(settings, Recipe(), force=False)


def advance_demo(settings: Settings, days: int) -> str:
    """Lets the demo company live so many days more, answering what was delivered; gives what happened, in words.

    Raises CannotLiveOnError where there is no demo company, or its half-year ends earlier.
    """
    from stillhere.demo.build import come_back
    from stillhere.demo.calendar import Calendar
    from stillhere.demo.delivered import operations_of, tell_opens
    from stillhere.demo.goodbye_answers import tell_exit_answers
    from stillhere.demo.recipe import recipe_of
    from stillhere.demo.record import read_record

    places = settings.places
    _refuse_what_is_no_demo(settings)
    before = recipe_of(places.sources)
    if before is None:
        raise CannotLiveOnError(
            f"{places.sources} holds no demo company that could live on; run 'stillhere demo' first"
        )
    after = replace(before, until=before.until + timedelta(days=days))
    end = Calendar.of(before.until).last
    if after.until > end:
        raise CannotLiveOnError(
            f"the demo company lives until {end}, and {days} days more would be {after.until}; "
            f"--advance {(end - before.until).days} is the most, or start another with 'stillhere demo --force'"
        )
    known = read_record(places.truth, before.until)
    engine = operations_of(settings)
    answered = known if engine is None else _answered(settings, engine, before, known)
    record = come_back(before, after.until, answered)
    with _told_plainly(places.root), _alone(places.root):
        built = _build_with_progress(settings, after, record)
    if engine is not None:
        cut_at = Calendar.of(after.until).cut_at
        tell_opens(engine, record.filter(record["opened_at"] < cut_at))
        tell_exit_answers(engine, settings, record.filter(record["exit_answered_at"] < cut_at))
    returned = record.filter(record["effect"] == "returned")["effect_on"]
    back = int(((returned > before.until) & (returned <= after.until)).sum())
    return f"{settings.company.name} lived on to {built.until}. " + _lived_words(answered.slice(known.height), back)


def _lived_words(new: pl.DataFrame, back: int) -> str:
    """What came of the new deliveries, and how many customers came back meanwhile."""
    opened, replied, said = (new[name].count() for name in ("opened_at", "replied_at", "exit_reason"))
    return (
        f"Answered: {new.height} deliveries; {opened} opened, {replied} replied to, "
        f"{int(new['was_reached'].sum())} reached by a call, {said} said why they leave. "
        f"{back} of those who had left came back. The next night: 'stillhere nightly --send'"
    )


def _answered(settings: Settings, engine: Engine, before: Recipe, known: pl.DataFrame) -> pl.DataFrame:
    from stillhere.demo.build import answer_deliveries
    from stillhere.demo.delivered import read_delivered
    from stillhere.demo.goodbye_answers import question_of

    return answer_deliveries(before, read_delivered(engine, before.until), known, question_of(settings))


def _refuse_what_is_no_demo(settings: Settings) -> None:
    """Raises where the company reads no demo sources, or its night runs."""
    from stillhere.operations.lock import NightHeldError, holder_of

    if not set(settings.sources.vendors) >= DEMO_VENDORS:
        raise NoDemoCompanyError(
            f"{settings.folder}/sources.yml reads no demo sources; 'stillhere demo --company config' writes the demo's"
        )
    if (holder := holder_of(settings.places.lock)) is not None:
        raise NightHeldError(holder)


def _build(settings: Settings, recipe: Recipe, *, force: bool) -> str:
    from stillhere.demo.recipe import recipe_of
    from stillhere.demo.record import no_answers, read_record

    places = settings.places
    _refuse_what_is_no_demo(settings)
    with _told_plainly(places.root), _alone(places.root):
        _refuse_to_replace(settings, recipe, force=force)
        there = recipe_of(places.sources)
        # The same company on a later day keeps what it has lived through.
        lived_on = there is not None and not force and recipe.same_company(there)
        record = read_record(places.truth, recipe.until) if lived_on else no_answers()
        built = _build_with_progress(settings, recipe, record)
    return (
        f"{settings.company.name}: {built.accounts:,} companies and {built.events:,} rows of use, "
        f"{built.first} to {built.until}, in {places.sources}"
    )


def _refuse_to_replace(settings: Settings, recipe: Recipe, *, force: bool) -> None:
    """Only the same company at the same or an earlier day is replaced unasked."""
    from stillhere.demo.recipe import recipe_of

    places = settings.places
    there = recipe_of(places.sources)
    if not places.sources.exists() or force or (there is not None and recipe.same_company(there)):
        return
    what = f"the demo company of {there}" if there else "data that 'stillhere demo' did not write"
    raise DemoThereError(
        f"{places.sources} holds {what}; you asked for {recipe}. 'stillhere demo --force' replaces it (remove "
        f"{places.root} as well: what was loaded from it stays in raw)"
    )


def _build_with_progress(settings: Settings, recipe: Recipe, record: pl.DataFrame) -> Built:
    from stillhere.demo.build import build_demo
    from stillhere.reports.bar_of_steps import bar_of_steps

    places = settings.places
    with bar_of_steps("Demo company") as moved:
        return build_demo(recipe, places.sources, places.truth, lambda done, total: moved("", done, total), record)


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    """Holds the demo of one company; the operating system lets go of it when the process dies."""
    root.mkdir(parents=True, exist_ok=True)
    with (root / "demo.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DemoBusyError(
                f"Another process is writing the demo company in {root}. Wait for it. Nothing was done."
            ) from None
        yield


@contextmanager
def _told_plainly(root: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS}:
            raise
        reason = os.strerror(error.errno)
    except sqlite3.OperationalError as error:
        reason = str(error)
    else:
        return
    raise DemoNotWrittenError(
        f"The demo company could not be written to {root}: {reason}. 4,000 accounts need about 150 MB. What was there "
        "is whole; make room, or name another folder with STILLHERE_DATA, and repeat the command."
    )
