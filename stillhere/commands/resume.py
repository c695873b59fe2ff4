"""`stillhere resume`: ends a pause."""

from __future__ import annotations

import typer

from stillhere.commands.options import CompanyOption, settings_of
from stillhere.commands.pause import CampaignArgument, subject_of


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("resume")(resume)


def resume(campaign: CampaignArgument = None, company: CompanyOption = None) -> None:
    """End a pause. What was decided and waits goes with the next 'stillhere send --send', while it is young enough.

    Example: stillhere resume slipping_note
    """
    from stillhere.operations import open_operations, stops

    settings = settings_of(company)
    subject = subject_of(settings, campaign)
    engine = open_operations(settings.places.operations_url)
    ended = stops.resume(engine, subject)
    what = "Everything" if campaign is None else f"Campaign {campaign}"
    typer.echo(f"{what} is no longer paused." if ended else f"{what} was not paused.")
    for pause in stops.paused(engine):
        other = "Everything is" if pause.subject == stops.EVERYTHING else f"Campaign {pause.subject} is"
        typer.echo(f"Still: {other} paused: {pause.because}")
