"""`stillhere nights`: the nights there are."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from stillhere.commands.options import CompanyOption, JsonOption, settings_of


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("nights")(nights)


def nights(
    company: CompanyOption = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many, newest first.")] = 30,
    as_json: JsonOption = False,
) -> None:
    """List nights, newest first: when each was sealed, what was sent, previewed and held, and which is published.

    Example: stillhere nights --limit 7
    """
    from stillhere.operations.open import open_if_there
    from stillhere.sending.night_rows import night_rows

    settings = settings_of(company)
    rows = night_rows(settings, open_if_there(settings.places.operations_url))[:limit]
    if as_json:
        typer.echo(json.dumps({"nights": [row.as_dict() for row in rows]}, indent=2))
        return
    if not rows:
        typer.echo("No night has been decided yet; run 'stillhere nightly'.")
        return
    typer.echo(f"{'night':<11} {'rev':>3}  {'sealed':<17} {'sent':>6} {'previewed':>9} {'held':>6}  state")
    for row in rows:
        sealed = row.sealed_at.astimezone(settings.company.zone).strftime("%Y-%m-%d %H:%M")
        held = "-" if row.held is None else str(row.held)
        typer.echo(
            f"{row.as_of} {row.revision:>4}  {sealed:<17} {row.sent:>6} {row.previewed:>9} {held:>6}  {row.state}"
        )
