"""`stillhere campaigns`: look at campaigns before they reach anybody, and say yes to them."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from stillhere.commands.campaign_words import export, take_back
from stillhere.commands.options import CompanyOption, JsonOption, parse_day, settings_of

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from stillhere.campaigns.approving import Given
    from stillhere.campaigns.published import PublishedNight
    from stillhere.mails.preview import Case
    from stillhere.settings import Settings


EXAMPLES = 3


def register(app: typer.Typer) -> None:
    """Adds the command and what belongs to it."""
    group = typer.Typer(help="Look at campaigns before they reach anybody, and approve them.", no_args_is_help=True)
    group.command("check")(check)
    group.command("diff")(diff)
    group.command("approve")(approve)
    group.command("export")(export)
    group.command("import")(take_back)
    app.add_typer(group, name="campaigns")


def check(company: CompanyOption = None, as_json: JsonOption = False) -> None:
    """Look for everything wrong with campaigns, and say what each will reach and what its holdout can show.

    Exit code 0: no mistake, doubts may be there; 2: mistakes.

    Example: stillhere campaigns check
    """
    from stillhere.campaigns.check_words import check_lines
    from stillhere.campaigns.lint import check_campaigns

    settings = settings_of(company)
    now = datetime.now(UTC)
    checked = check_campaigns(settings, _newest(settings), _today(settings, _engine(settings), now))
    if as_json:
        typer.echo(json.dumps(checked.as_dict(), ensure_ascii=False, indent=2))
    else:
        typer.echo("\n".join(check_lines(checked)))
    raise typer.Exit(2 if checked.mistakes else 0)


def diff(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="Campaigns' ids. Default: every one switched on.")
    ] = None,
    company: CompanyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what an approval would say yes to: changes since the last one, who is new, who fell out, how it reads.

    Example: stillhere campaigns diff slipping_note
    """
    from stillhere.campaigns.approving import campaign_named
    from stillhere.campaigns.check_words import difference_lines
    from stillhere.campaigns.content import content_of
    from stillhere.campaigns.difference import difference
    from stillhere.campaigns.readers import readers_of
    from stillhere.mails.content import Layout
    from stillhere.mails.preview import show, worst_cases
    from stillhere.operations.approvals import newest_approvals

    settings = settings_of(company)
    chosen = [campaign_named(settings, one) for one in names or [one.id for one in settings.campaigns if one.enabled]]
    night, approved = _newest(settings), newest_approvals(_engine(settings))
    readers = readers_of(settings, night) if night else None
    layout = Layout.of(settings.folder)
    told = []
    for campaign in chosen:
        before = approved.get(campaign.id)
        base, as_of = (readers.base, readers.night.as_of) if readers else (None, None)
        found = difference(content_of(settings, campaign), before.content if before else None, base, as_of)
        told.append(asdict(found))
        examples = readers.examples(settings, campaign, EXAMPLES) if readers and campaign.what == "mail" else []
        worst: list[Case] = []
        if readers and examples:
            worst = worst_cases(examples[0].account, examples[0].person, readers.longest_names, settings)
        shown = [[show(one, campaign.id, settings, layout) for one in cases] for cases in (examples, worst)]
        if not as_json:
            typer.echo("\n".join(difference_lines(found, *shown)))
    if as_json:
        typer.echo(json.dumps({"campaigns": told}, ensure_ascii=False, indent=2))


def approve(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="Campaigns' ids; or --all for every one.")
    ] = None,
    by: Annotated[str, typer.Option("--by", metavar="WHO", help="Who says yes; kept with the approval.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="Every campaign that is switched on.")] = False,
    until: Annotated[
        date | None,
        typer.Option(
            "--until",
            metavar="DATE",
            parser=parse_day,
            help="The day its result is looked at. Default: when 5 points can be told, as 'check' says; not before "
            "90 days and its days of success from now.",
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
    from stillhere.operations import approvals, open_operations

    settings = settings_of(company)
    wanted = [one.id for one in settings.campaigns if one.enabled] if everything else list(names or ())
    if not wanted:
        raise typer.BadParameter("name the campaigns to approve, or say --all")
    engine = open_operations(settings.places.operations_url)
    now = datetime.now(UTC)
    today = _today(settings, engine, now)
    given = approving.approve(settings, engine, wanted, by, now, today, until, _newest(settings))
    if as_json:
        typer.echo(json.dumps({"approved": [_facts(one) for one in given]}, ensure_ascii=False, indent=2))
        return
    unmeasured = {one.id for one in settings.campaigns if not one.measured}
    for one in given:
        campaign, day = one.approval.campaign, one.result_day
        result = f"its result is looked at on {day.day} ({day.words})"
        result = "it has no result" if campaign in unmeasured else result
        typer.echo(f"{campaign}: approved by {one.approval.approved_by}; {result}.")
    known = approvals.newest_approvals(engine)
    for name in wanted:
        if name not in {one.approval.campaign for one in given}:
            result = "" if name in unmeasured else f", its result on {known[name].horizon_ends}"
            typer.echo(f"{name}: approved already{result}; nothing has changed since.")
    if given:
        typer.echo("What a live night kept back for this goes with 'stillhere send --send'.")


def _newest(settings: Settings) -> PublishedNight | None:
    from stillhere.campaigns.published import NightNotFoundError, find_night

    try:
        return find_night(settings.places)
    except NightNotFoundError:
        return None


def _engine(settings: Settings) -> Engine:
    """The operations database; looking creates none."""
    from stillhere.operations.open import open_if_there

    return open_if_there(settings.places.operations_url)


def _today(settings: Settings, engine: Engine, now: datetime) -> date:
    """The company's day: on the data clock the morning after its newest night, or after its last day of data."""
    from stillhere.commands.send import last_day
    from stillhere.operations.seals import newest_sealed
    from stillhere.sending.live_refusals import company_today

    night = newest_sealed(engine) if settings.company.clock == "data" else None
    known = night[0] if night else last_day(settings) if settings.company.clock == "data" else None
    return company_today(settings.company, now, known or now.astimezone(settings.company.zone).date())


def _facts(given: Given) -> dict[str, str]:
    approval = given.approval
    return {
        "campaign": approval.campaign,
        "content_hash": approval.content_hash,
        "approved_at": approval.approved_at.isoformat(),
        "approved_by": approval.approved_by,
        "horizon_ends": approval.horizon_ends.isoformat(),
        "horizon_from": given.result_day.origin,
    }
