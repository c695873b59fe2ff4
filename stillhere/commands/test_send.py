"""`stillhere test-send`: one mail of a campaign to somebody of the staff."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Annotated

import typer

from stillhere.commands.options import AsOfOption, CompanyOption, settings_of


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("test-send")(send_a_test)


def send_a_test(
    campaign: Annotated[str, typer.Argument(help="The campaign's id.")],
    account: Annotated[str, typer.Option("--as", metavar="ACCOUNT", help="As this account would get it.")],
    to: Annotated[str, typer.Option("--to", metavar="ADDRESS", help="An address of the staff: company.yml, staff.")],
    company: CompanyOption = None,
    as_of: AsOfOption = None,
) -> None:
    """Send one mail of a campaign to staff: marked [TEST], every link dead, and no trace in caps or results.

    Example: stillhere test-send slipping_note --as ACC-000002 --to anna@company.example
    """
    from stillhere.campaigns.approving import campaign_named
    from stillhere.campaigns.published import find_night
    from stillhere.campaigns.readers import readers_of
    from stillhere.mails.content import Layout
    from stillhere.mails.preview import show
    from stillhere.sending.staff_copy import send_to_staff

    settings = settings_of(company)
    chosen = campaign_named(settings, campaign)
    if chosen.what != "mail":
        raise typer.BadParameter(f"{campaign} is a call; only mails can be sent as a test")
    night = find_night(settings.places, as_of)
    readers = readers_of(settings, night)
    case = readers.case(settings, chosen, readers.find(account), "test")
    shown = show(case, campaign, settings, Layout.of(settings.folder))
    folder = settings.places.out_folder(night.as_of) / "test"
    done = send_to_staff(settings, shown, to, datetime.now(UTC), lambda: uuid.uuid4().hex[:16], folder)
    typer.echo(f"{done.status} by '{settings.environment.sender}' {f'({done.detail})' if done.detail else ''}".strip())
    if settings.environment.sender == "files":
        typer.echo(f"It lies in {folder}.")
    raise typer.Exit(0 if done.status == "accepted" else 1)
