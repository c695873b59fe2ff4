"""`stillhere pause`: the kill switch, for one campaign or for everything."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from stillhere.commands.options import CompanyOption, settings_of
from stillhere.settings import Settings

FAILED = 1
CampaignArgument = Annotated[
    str | None, typer.Argument(metavar="[CAMPAIGN]", help="A campaign's id. Default: everything.")
]


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("pause")(pause)


def pause(
    campaign: CampaignArgument = None,
    because: Annotated[str, typer.Option("--because", metavar="TEXT", help="Why, for whoever resumes it.")] = "",
    company: CompanyOption = None,
) -> None:
    """Stop a campaign, or everything, at once: a sender that is at work looks before every hand-over.

    Mails that wait at SendGrid are called back. Exit code 1: paused, and some could not be called back.

    Example: stillhere pause slipping_note --because "wrong price in the note"
    """
    from stillhere.operations import open_operations, stops

    settings = settings_of(company)
    subject = subject_of(settings, campaign)
    engine = open_operations(settings.places.operations_url)
    stops.pause(engine, subject, because.strip() or "no reason given", datetime.now(UTC))
    what = "Everything" if campaign is None else f"Campaign {campaign}"
    typer.echo(f"{what} is paused. 'stillhere resume{f' {campaign}' if campaign else ''}' ends it.")
    # After that, for it asks the provider: whoever is sending has stopped by now.
    from stillhere.sending.call_back import call_back_waiting

    back = call_back_waiting(settings, engine, campaign, datetime.now(UTC))
    if back.messages or back.batches:
        typer.echo(
            f"{back.messages} mails that waited at the provider were called back; whether each stayed is settled by "
            "its log later ('stillhere reconcile')."
        )
    for words in back.failed:
        typer.echo(f"Not called back, {words}. Run the same command again.", err=True)
    if back.failed:
        raise typer.Exit(FAILED)


def subject_of(settings: Settings, campaign: str | None) -> str:
    """What a pause is filed under. Raises typer.BadParameter for a campaign that is not configured."""
    from stillhere.operations.stops import EVERYTHING

    known = [one.id for one in settings.campaigns]
    if campaign is not None and campaign not in known:
        raise typer.BadParameter(f"{campaign!r} is no campaign; there are: {', '.join(known) or 'none'}")
    return EVERYTHING if campaign is None else campaign
