"""`stillhere do-not-disturb`: a person who knows better asks to leave an account, or one of its people, in peace."""

from __future__ import annotations

import getpass
import json
from datetime import UTC, date, datetime
from typing import Annotated

import typer

from stillhere.commands.options import CompanyOption, JsonOption, parse_day, settings_of


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("do-not-disturb")(do_not_disturb)


def do_not_disturb(
    subject: Annotated[
        str | None, typer.Argument(metavar="[ACCOUNT]", help="An account's id, or an address. Default: show all.")
    ] = None,
    until: Annotated[
        date | None, typer.Option("--until", metavar="DATE", parser=parse_day, help="The last day, YYYY-MM-DD.")
    ] = None,
    because: Annotated[str, typer.Option("--because", metavar="TEXT", help="Why, for whoever asks.")] = "",
    by: Annotated[str, typer.Option("--by", metavar="WHO", help="Who asks for it. Default: your user name.")] = "",
    end: Annotated[bool, typer.Option("--end", help="End it now.")] = False,
    company: CompanyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Leave an account, or one person, in peace until a day: no campaign turns to them, service mails included.

    Example: stillhere do-not-disturb ACC-00042 --until 2026-12-31 --because "moving offices"
    """
    from stillhere.operations import open_operations, peace

    settings = settings_of(company)
    engine = open_operations(settings.places.operations_url)
    if subject is None:
        if until or because or end:
            raise typer.BadParameter("say whom: an account's id, or an address")
        _show(peace.all_peace(engine), as_json)
        return
    if end:
        found = peace.end_do_not_disturb(engine, subject)
        typer.echo(f"{subject} may be turned to again." if found else f"Nobody had asked to leave {subject} in peace.")
        return
    if until is None or not because.strip():
        raise typer.BadParameter("give --until DATE and --because TEXT (or --end)")
    asked = peace.Peace(subject, until, because.strip(), by.strip() or getpass.getuser())
    peace.do_not_disturb_until(engine, asked, datetime.now(UTC))
    typer.echo(f"Nobody turns to {subject} until {until}, that day included. '--end' ends it earlier.")


def _show(found: list, as_json: bool) -> None:  # type: ignore[type-arg]  # rows of a room that is imported late
    rows = [
        {"subject": one.subject, "until": one.until_date.isoformat(), "because": one.because, "by": one.set_by}
        for one in found
    ]
    if as_json:
        typer.echo(json.dumps({"do_not_disturb": rows}, ensure_ascii=False))
        return
    if not rows:
        typer.echo("Nobody is left in peace by name.")
    for row in rows:
        typer.echo(f"{row['until']}  {row['subject']}: {row['because']} ({row['by']})")
