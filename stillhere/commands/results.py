"""`stillhere results`: did it keep anybody?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from stillhere.commands.options import AsOfOption, CompanyOption, JsonOption, settings_of
from stillhere.settings import Settings, StillhereError

if TYPE_CHECKING:
    import polars as pl


class NoSuchResultError(StillhereError):
    """There is no such campaign, nor was there one."""

    exit_code = 2


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("results")(results)


def results(
    campaign: Annotated[str | None, typer.Argument(help="One campaign's id. Default: all of them.")] = None,
    company: CompanyOption = None,
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show whether campaigns kept anybody: still here at day 30, 60 and 90, contacted against left alone.

    A difference is told on the day fixed before the first send; until then it says how much can be seen, and when it is
    enough. What every number means, and what it cannot say: docs/results.md.

    Example: stillhere results slipping_note
    """
    from stillhere.campaigns.published import find_night

    settings = settings_of(company)
    night = find_night(settings.places, as_of)
    found = night.mart("campaign_results")
    if campaign is not None:
        found = found.filter(campaign=campaign)
        known = {one.id for one in settings.campaigns}
        if found.is_empty() and campaign not in known:
            raise NoSuchResultError(
                f"no campaign {campaign!r}, and no result of one as of {night.as_of}; there are: "
                f"{', '.join(sorted(known)) or 'none'}"
            )
    if as_json:
        facts = {"as_of": night.as_of, "revision": night.revision, "results": found.to_dicts()}
        typer.echo(json.dumps(facts, default=str, ensure_ascii=False, indent=2))
        return
    show_results(settings, found)


def show_results(settings: Settings, found: pl.DataFrame) -> None:
    """Prints the results: a sentence a campaign, its arms below."""
    from stillhere.reports.formats import Formats
    from stillhere.reports.results import campaign_results

    if found.is_empty():
        typer.echo("Cannot tell yet: nobody was drawn on a live night before. Previews do not count.")
        return
    titles = {one.id: one.title for one in settings.campaigns}
    formats = Formats.of(settings.company.language, settings.company.currency)
    for one in campaign_results(found, titles, formats):
        typer.echo(f"{one.title}\n  {one.words}")
        for arm in one.arms:
            here = ", ".join(
                f"day {day}: {share}" for day, share in zip(one.days, arm.still_here, strict=True) if share != "–"
            )
            net = f"; net revenue an account {arm.net_revenue}" if here else ""
            typer.echo(f"  {arm.arm}: {arm.assigned} drawn, {arm.in_test} in this test; still here {here or '–'}{net}")
        for words in one.explored:
            typer.echo(f"  exploratory: {words}")
        typer.echo("")
