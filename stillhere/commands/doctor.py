"""`stillhere doctor`: what would make a night fail, and what to do about it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from stillhere.commands.options import CompanyOption, JsonOption

if TYPE_CHECKING:
    from stillhere.doctor import Check

MARKS = {"fine": "fine   ", "note": "note   ", "problem": "PROBLEM"}
INDENT = " " * 9


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("doctor")(doctor)


def doctor(company: CompanyOption = None, as_json: JsonOption = False) -> None:
    """Look for what would make a night fail: configuration, sources, disk, databases, locks, sender. Changes nothing.

    Exit code 0: nothing stands in the way; 2: there are problems.

    Example: stillhere doctor --company config
    """
    found = []
    for check in _checks(company):
        found.append(check)
        if not as_json:
            _show(check)
    problems = sum(check.state == "problem" for check in found)
    if as_json:
        told = {"problems": problems, "checks": [asdict(check) for check in found]}
        typer.echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        count = "1 problem" if problems == 1 else f"{problems} problems"
        typer.echo(f"\n{count}; the night would not go well." if problems else "\nNothing stands in a night's way.")
    raise typer.Exit(2 if problems else 0)


def _checks(company: Path | None) -> Iterator[Check]:
    from stillhere.commands.options import settings_of
    from stillhere.doctor import examine, examine_configuration
    from stillhere.settings import ConfigurationError

    try:
        settings = settings_of(company)
    except ConfigurationError as error:
        yield from examine_configuration(error)
        return
    yield from examine(settings, datetime.now(UTC))


def _show(check: Check) -> None:
    line = f"{MARKS[check.state]}  {check.what}: {check.words}"
    typer.secho(line, fg={"problem": "red", "note": "yellow", "fine": None}[check.state])
    if check.action:
        typer.echo(f"{INDENT}{check.action}")
