"""`stillhere reconcile`: asks the provider what became of messages in doubt."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import typer

from stillhere.commands.options import CompanyOption, JsonOption, settings_of

FAILED = 1


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("reconcile")(reconcile)


def reconcile(company: CompanyOption = None, as_json: JsonOption = False) -> None:
    """Settle messages that may or may not have left, by the provider's events and log; take over its stops.

    The night does the same before it decides. What no log can say is listed for a person, who settles it with
    'stillhere settle'. Exit code 1: the provider did not answer.

    Example: stillhere reconcile
    """
    from stillhere.operations import night_lock, open_operations, reading
    from stillhere.operations.hand_overs import in_doubt
    from stillhere.sending.catch_up import catch_up
    from stillhere.sending.reconcile import needs_a_person

    settings = settings_of(company)
    now = datetime.now(UTC)
    engine = open_operations(settings.places.operations_url)
    with night_lock(settings.places.lock, engine, "reconciling", now):
        caught_up = catch_up(settings, engine, now)
    with reading(engine) as connection:
        open_rows = in_doubt(connection)
    persons = [row for row in open_rows if needs_a_person(row, now)]
    if as_json:
        listed = [
            {"message_id": row.message_id, "campaign": row.key.campaign, "as_of": str(row.as_of)} for row in persons
        ]
        typer.echo(json.dumps({**caught_up.as_dict(), "messages_for_a_person": listed}, ensure_ascii=False, indent=2))
    else:
        for line in caught_up.notes() or ["Nothing is in doubt."]:
            typer.echo(f"{line[0].upper()}{line[1:]}")
        for row in persons:
            typer.echo(f"  {row.message_id}  {row.as_of}  {row.key.campaign}  {row.detail}")
        if persons:
            typer.echo("Look in the mail server's log for each, then: stillhere settle MESSAGE --left, or --stayed.")
    raise typer.Exit(FAILED if caught_up.failed else 0)
