"""`stillhere demo`: writes the demo company's databases and files."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from stillhere.commands.options import CompanyOption, parse_day, settings_of
from stillhere.settings import Settings, StillhereError

DEMO_VENDORS = {"demo_crm", "demo_billing", "demo_usage"}


class DemoThereError(StillhereError):
    """Another company's data lies where the demo would be written."""

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


def _build(settings: Settings, recipe: object, *, force: bool) -> str:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from stillhere.demo.build import Recipe, build_demo, recipe_of

    assert isinstance(recipe, Recipe)  # noqa: S101 - imported late, so that other commands start fast
    places = settings.places
    if not set(settings.sources.vendors) >= DEMO_VENDORS:
        raise NoDemoCompanyError(
            f"{settings.folder}/sources.yml reads no demo sources; 'stillhere demo --company config' writes the demo's"
        )
    there = recipe_of(places.sources)
    if places.sources.exists() and not force and (there is None or not recipe.same_company(there)):
        raise DemoThereError(
            f"{places.sources} holds other data; 'stillhere demo --force' replaces it (remove {places.root} as well: "
            "what was loaded from it stays in raw)"
        )
    console = Console(stderr=True)
    columns = (TextColumn("days of use"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("days", total=None)
        built = build_demo(
            recipe, places.sources, places.truth, lambda done, total: bar.update(task, completed=done, total=total)
        )
    return (
        f"{settings.company.name}: {built.accounts:,} companies and {built.events:,} rows of use, "
        f"{built.first} to {built.until}, in {places.sources}"
    )
