"""`stillhere release`: lets go what a hold keeps back."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Annotated

import typer

from stillhere.commands.options import CompanyOption, JsonOption, settings_of
from stillhere.commands.send import exit_code, last_day, sending_progress, show_result


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("release")(release)


def release(
    hold: Annotated[str, typer.Argument(metavar="HOLD", help="The hold's id, from 'stillhere holds'.")],
    because: Annotated[str, typer.Option("--because", metavar="TEXT", help="Why it may leave; kept with the hold.")],
    company: CompanyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let go what a hold keeps back. Stops are looked at again, and nothing too old is sent.

    Messages leave for real only if the night was run with --send; otherwise they are previews.

    Example: stillhere release 3f2a91cc --because "summer sale, twice the orders is right"
    """
    from stillhere.operations import open_operations
    from stillhere.operations.lock import holder_of
    from stillhere.sending import releases
    from stillhere.sending.night_to_send import SealedNight, mode_asked, send_now

    settings = settings_of(company)
    engine = open_operations(settings.places.operations_url)
    if (holder := holder_of(settings.places.lock)) is not None:
        from stillhere.operations import NightHeldError

        raise NightHeldError(holder)
    released = releases.release(engine, hold, because, datetime.now(UTC))
    night = SealedNight(released.as_of, released.revision)
    live = mode_asked(engine, night) == "live"
    with sending_progress(quiet=as_json) as progress:
        result = send_now(settings, engine, night, live=live, latest_day=lambda: last_day(settings), progress=progress)
    if as_json:
        typer.echo(json.dumps({"released": released.hold_id, "send": result.as_dict()}, ensure_ascii=False, indent=2))
    else:
        typer.echo(f"Released {released.hold_id} ({released.rule}).")
        show_result(settings, result, as_json=False)
        if not live:
            typer.echo(f"The night was run without --send: 'stillhere send --as-of {night.as_of} --send' hands over.")
    raise typer.Exit(exit_code(result))
