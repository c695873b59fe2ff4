"""`stillhere calls import`: brings back what came of the calls."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from stillhere.commands.options import CompanyOption, JsonOption, settings_of


def register(app: typer.Typer) -> None:
    """Adds the command group."""
    group = typer.Typer(help="The call list: bring back what came of the calls.", no_args_is_help=True)
    group.command("import")(import_calls)
    app.add_typer(group, name="calls")


def import_calls(
    file: Annotated[Path, typer.Argument(help="A filled-in calls.xlsx or calls.csv.")],
    company: CompanyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Bring back the outcomes of a call list: done, no answer, or not a fit.

    Importing a file twice changes nothing; a corrected outcome replaces the old one. If a row can't be read, nothing
    is taken.

    Example: stillhere calls import data/demo/out/2026-08-31/calls.xlsx
    """
    from stillhere.campaigns.published import calls_of, company_day
    from stillhere.lists.calls_import import read_calls
    from stillhere.operations.open import open_operations, writing
    from stillhere.operations.tasks import store_outcomes

    settings = settings_of(company)
    now = datetime.now(UTC)
    read = read_calls(file, company_day(settings, now), lambda night: calls_of(settings, night))
    engine = open_operations(settings.places.operations_url)
    with writing(engine) as connection:
        changed = store_outcomes(connection, read.outcomes, now)
    facts = {"read": len(read.outcomes), "new_or_changed": changed, "not_filled_in": read.not_filled_in}
    if as_json:
        typer.echo(json.dumps(facts))
        return
    typer.echo(f"Outcomes read: {facts['read']}; new or changed: {changed}; not filled in yet: {read.not_filled_in}")
