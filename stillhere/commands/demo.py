"""`stillhere demo`: writes the demo company's databases and files."""

from __future__ import annotations

import errno
import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stillhere.commands.options import CompanyOption, parse_day, settings_of
from stillhere.settings import Settings, StillhereError

if TYPE_CHECKING:
    from stillhere.demo.build import Built, Recipe

DEMO_VENDORS = {"demo_crm", "demo_billing", "demo_usage"}


class DemoThereError(StillhereError):
    """Another company's data lies where the demo would be written."""

    exit_code = 2


class DemoBusyError(StillhereError):
    """Another process writes the same demo company."""


class DemoNotWrittenError(StillhereError):
    """The disk is full, or the folder cannot be written."""


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
) -> None:
    """Write a believable subscription-software company: a CRM, a billing database and product usage.

    The same accounts, seed and day give the same company; a later day of the same half-year is the same company that
    lived on. What was planted (who leaves, when and why) lies apart in data/demo/truth.

    Example: stillhere demo --accounts 500 --seed 3 --until 2026-10-01
    """
    from stillhere.demo.build import Recipe

    settings = settings_of(company)
    told = {"accounts": accounts, "seed": seed, "until": until}
    recipe = Recipe(**{name: value for name, value in told.items() if value is not None})  # type: ignore[arg-type]  # each has its own type
    typer.echo(_build(settings, recipe, force=force))


def build_demo_for(settings: Settings) -> str:
    """Builds the demo as it comes; gives what there is, in words."""
    from stillhere.demo.build import Recipe

    return _build(settings, Recipe(), force=False)


def _build(settings: Settings, recipe: Recipe, *, force: bool) -> str:
    from stillhere.operations.lock import NightHeldError, holder_of

    places = settings.places
    if not set(settings.sources.vendors) >= DEMO_VENDORS:
        raise NoDemoCompanyError(
            f"{settings.folder}/sources.yml reads no demo sources; 'stillhere demo --company config' writes the demo's"
        )
    holder = holder_of(places.lock)
    if holder is not None:
        raise NightHeldError(holder)
    with _told_plainly(places.root), _alone(places.root):
        _refuse_to_replace(settings, recipe, force=force)
        built = _build_with_progress(settings, recipe)
    return (
        f"{settings.company.name}: {built.accounts:,} companies and {built.events:,} rows of use, "
        f"{built.first} to {built.until}, in {places.sources}"
    )


def _refuse_to_replace(settings: Settings, recipe: Recipe, *, force: bool) -> None:
    """Only the same company at the same or an earlier day is replaced unasked."""
    from stillhere.demo.build import recipe_of

    places = settings.places
    there = recipe_of(places.sources)
    if not places.sources.exists() or force or (there is not None and recipe.same_company(there)):
        return
    what = f"the demo company of {there}" if there else "data that 'stillhere demo' did not write"
    raise DemoThereError(
        f"{places.sources} holds {what}; you asked for {recipe}. 'stillhere demo --force' replaces it (remove "
        f"{places.root} as well: what was loaded from it stays in raw)"
    )


def _build_with_progress(settings: Settings, recipe: Recipe) -> Built:
    from stillhere.demo.build import build_demo
    from stillhere.reports.bar_of_steps import bar_of_steps

    places = settings.places
    with bar_of_steps("Demo company") as moved:
        return build_demo(recipe, places.sources, places.truth, lambda done, total: moved("", done, total))


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
