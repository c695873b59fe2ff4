"""`stillhere suppress`: takes over the stops of the provider that was used before."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from stillhere.commands.options import CompanyOption, JsonOption, settings_of


def register(app: typer.Typer) -> None:
    """Adds the command group."""
    group = typer.Typer(help="Who must not be written to: take over the old provider's stops.", no_args_is_help=True)
    group.command("import")(import_stops)
    group.command("none")(no_stops)
    app.add_typer(group, name="suppress")


def import_stops(
    file: Annotated[Path, typer.Argument(help="A CSV file with a column of mail addresses.")],
    reason: Annotated[
        Literal["unsubscribed", "bounce", "complaint"] | None,
        typer.Option("--reason", help="Why, for the whole file. Default: as the file says, or its name."),
    ] = None,
    company: CompanyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take over the old provider's unsubscribes, bounces and complaints. Nobody on the list is written to again.

    The column of addresses is found by looking. Importing a file twice changes nothing.

    Example: stillhere suppress import unsubscribes.csv
    """
    from stillhere.operations import open_operations, writing
    from stillhere.operations.stops import add_suppressions, record_import
    from stillhere.sending.stops_import import read_stops

    settings = settings_of(company)
    now = datetime.now(UTC)
    read = read_stops(file, now.astimezone(settings.company.zone).date(), reason)
    with writing(open_operations(settings.places.operations_url)) as connection:
        new = add_suppressions(connection, read.stops)
        record_import(connection, read.import_id, file.name, len(read.stops), now)
    facts = {
        "rows": read.rows,
        "addresses": len(read.stops),
        "new": new,
        "without_address": read.without_address,
        "column": read.column,
        "by_reason": read.by_reason,
    }
    if as_json:
        typer.echo(json.dumps(facts))
        return
    addresses, rows = _counted(len(read.stops), "address", "addresses"), _counted(read.rows, "row", "rows")
    typer.echo(f"{addresses} in {rows}, read from column '{read.column}'; new: {new}.")
    for why, count in read.by_reason.items():
        typer.echo(f"{count:>8}  {why}")
    if read.without_address:
        typer.echo(f"{read.without_address:>8}  rows without one address, left out")


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def no_stops(
    because: Annotated[str, typer.Option("--because", metavar="TEXT", help="Why there is nothing to import.")],
    company: CompanyOption = None,
) -> None:
    """State that there is nothing to import, so that the first live night does not ask for it.

    Example: stillhere suppress none --because "we have never sent mail before"
    """
    from stillhere.operations import open_operations, writing
    from stillhere.operations.stops import record_import

    if not because.strip():
        raise typer.BadParameter("say in a few words why there is nothing to import", param_hint="--because")
    settings = settings_of(company)
    said = f"none: {because.strip()}"[:255]
    with writing(open_operations(settings.places.operations_url)) as connection:
        record_import(connection, hashlib.sha256(said.encode()).hexdigest(), said, 0, datetime.now(UTC))
    typer.echo("Recorded: there are no stops to import.")
