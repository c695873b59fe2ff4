"""`stillhere settle`: a person says what became of a message that no log can tell of."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from stillhere.commands.options import CompanyOption, settings_of

DETAIL_LENGTH = 200


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("settle")(settle)


def settle(
    message: Annotated[str, typer.Argument(help="The message's id, as 'stillhere reconcile' lists it.")],
    left: Annotated[
        bool | None, typer.Option("--left/--stayed", help="It left, or it surely did not and may be sent again.")
    ] = None,
    by: Annotated[str, typer.Option("--by", metavar="WHO", help="Who says so; kept with the message.")] = "",
    because: Annotated[str, typer.Option("--because", metavar="TEXT", help="How you know.")] = "",
    company: CompanyOption = None,
) -> None:
    """Say what became of one message in doubt. What is settled already stays.

    A message that stayed may be handed over again by the next 'stillhere send --send' of its night.

    Example: stillhere settle 5f2b91c0a7d34e6f8b1c2d3e4f5a6b7c --left --by ada --because "in the mail server's log"
    """
    from stillhere.operations import open_operations, writing
    from stillhere.operations.campaign_memory import take_back_places
    from stillhere.operations.hand_overs import in_doubt, settle_doubt

    if left is None or not by.strip() or not because.strip():
        raise typer.BadParameter("say --left or --stayed, --by WHO and --because TEXT")
    engine = open_operations(settings_of(company).places.operations_url)
    words = f"{by.strip()}: {because.strip()}"[:DETAIL_LENGTH]
    with writing(engine) as connection:
        found = {row.message_id: row for row in in_doubt(connection)}
        row = found.get(message)
        if row is None:
            raise typer.BadParameter(f"no message {message!r} is in doubt; 'stillhere reconcile' lists those that are")
        settle_doubt(connection, [message], "accepted" if left else "refused", words, "person", datetime.now(UTC))
        if not left:
            take_back_places(connection, row.as_of)
    typer.echo(f"Message {message}: {'it left' if left else 'it did not leave'}. Kept: {words}")
