"""`stillhere status`: one screen for on-call."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Annotated

import typer

from stillhere.commands.options import CompanyOption, JsonOption, settings_of


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("status")(status)


def status(
    company: CompanyOption = None,
    as_json: JsonOption = False,
    tell: Annotated[
        bool,
        typer.Option("--notify", help="Also tell whom company.yml names, once an incident. For a cron."),
    ] = False,
) -> None:
    """Show whether the night is fine: steps, freshness, what was not sent and why, and the next safe command.

    Exit code 0: fine; 1: not fine; 3: fine, but the whole send is held.

    Example: stillhere status
    """
    from stillhere.oncall.screen import show_status
    from stillhere.oncall.status import read_status
    from stillhere.operations.open import open_if_there
    from stillhere.reports.screen import night_console

    settings = settings_of(company)
    now = datetime.now(UTC)
    engine = open_if_there(settings.places.operations_url)
    told = read_status(settings, engine, now)
    problems: list[str] = []
    if tell:
        from stillhere.oncall.notifier import notify

        problems = notify(settings, engine, told, now)
    if as_json:
        typer.echo(json.dumps({**told.as_dict(), "not_told": problems}, ensure_ascii=False, indent=2))
    else:
        show_status(night_console(), told, settings.company.zone)
    for problem in problems:
        typer.echo(problem, err=True)
    raise typer.Exit(told.exit_code)
