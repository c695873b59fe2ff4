"""`stillhere campaigns`: look at campaigns before they reach anybody, and say yes to them."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from stillhere.commands.options import CompanyOption, JsonOption, parse_day, settings_of

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from stillhere.operations.approvals import Approval
    from stillhere.settings import Settings


def register(app: typer.Typer) -> None:
    """Adds the command and what belongs to it."""
    group = typer.Typer(help="Look at campaigns before they reach anybody, and approve them.", no_args_is_help=True)
    group.command("approve")(approve)
    app.add_typer(group, name="campaigns")


def approve(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="Campaigns' ids; or --all for every one.")
    ] = None,
    by: Annotated[str, typer.Option("--by", metavar="WHO", help="Who says yes; kept with the approval.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="Every campaign that is switched on.")] = False,
    until: Annotated[
        date | None,
        typer.Option(
            "--until", metavar="DATE", parser=parse_day, help="The day its result is looked at. Default: 90 + success."
        ),
    ] = None,
    company: CompanyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say yes to campaigns as their files are now: words, offer, layout, list. Any change of these needs another yes.

    The day on which the result is looked at is fixed with it. Nothing is sent by approving.

    Example: stillhere campaigns approve slipping_note --by Anna
    """
    from stillhere.campaigns import approving
    from stillhere.operations import open_operations

    settings = settings_of(company)
    wanted = [one.id for one in settings.campaigns if one.enabled] if everything else list(names or ())
    if not wanted:
        raise typer.BadParameter("name the campaigns to approve, or say --all")
    engine = open_operations(settings.places.operations_url)
    now = datetime.now(UTC)
    given = approving.approve(settings, engine, wanted, by, now, _today(settings, engine, now), until)
    if as_json:
        typer.echo(json.dumps({"approved": [_facts(one) for one in given]}, ensure_ascii=False, indent=2))
        return
    for one in given:
        typer.echo(f"{one.campaign}: approved by {one.approved_by}; its result is looked at on {one.horizon_ends}.")
    for name in wanted:
        if name not in {one.campaign for one in given}:
            typer.echo(f"{name}: was approved already, and nothing has changed since.")
    if given:
        typer.echo("What a live night kept back for this goes with 'stillhere send --send'.")


def _today(settings: Settings, engine: Engine, now: datetime) -> date:
    """The company's day: on the data clock the morning after its newest night, or after its last day of data."""
    from stillhere.commands.send import last_day
    from stillhere.operations.seals import newest_sealed
    from stillhere.sending.live_refusals import company_today

    night = newest_sealed(engine) if settings.company.clock == "data" else None
    known = night[0] if night else last_day(settings) if settings.company.clock == "data" else None
    return company_today(settings.company, now, known or now.astimezone(settings.company.zone).date())


def _facts(approval: Approval) -> dict[str, str]:
    return {
        "campaign": approval.campaign,
        "content_hash": approval.content_hash,
        "approved_at": approval.approved_at.isoformat(),
        "approved_by": approval.approved_by,
        "horizon_ends": approval.horizon_ends.isoformat(),
    }
