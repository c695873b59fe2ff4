"""`stillhere why`: the whole story of one account in words."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from stillhere.commands.options import AsOfOption, CompanyOption, JsonOption, settings_of

WIDTH = 100
MARGIN = 12

OUTCOME_WORDS = {
    "send": "mail",
    "call": "call",
    "held": "held",
    "holdout": "left alone",
    "lost": "not tonight",
    "none": "no",
}


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("why")(why)


def why(
    account: Annotated[str, typer.Argument(help="The account's id, or a part of its name.")],
    company: CompanyOption = None,
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
    picture: Annotated[
        Path | None, typer.Option("--picture", help="Also write the story with its timeline to this HTML file.")
    ] = None,
) -> None:
    """Tell the story of one account: habit, what changed, risk, every campaign and why, what was sent, what is next.

    Example: stillhere why "Blue Harbour" --picture blue.html
    """
    # Imported here, so that the other commands start without polars.
    from stillhere.campaigns.past import past_reader
    from stillhere.campaigns.published import find_night
    from stillhere.campaigns.why import tell_why

    settings = settings_of(company)
    night = find_night(settings.places, as_of)
    told = tell_why(settings, night, account, past_reader(settings, as_of))
    currency = settings.company.currency
    typer.echo(told.as_json() if as_json else "\n".join(lines_of(told, currency)))
    if picture is not None:
        from stillhere.reports.account_page import write_account_page

        write_account_page(told, list(lines_of(told, currency, drawn=False)), settings.company, picture)
        typer.echo(f"\nThe picture lies in {picture}", err=as_json)


def lines_of(told: Any, currency: str, *, drawn: bool = True) -> Iterator[str]:
    """The story as lines for a screen; `drawn` with the weeks as a row of blocks."""
    from stillhere.campaigns.story import long_day
    from stillhere.reports.timeline import timeline_of
    from stillhere.reports.timeline_text import timeline_lines

    yield f"{told.account_name} ({told.account_id}), night of {long_day(told.as_of)}"
    yield ""
    yield from _section("Who", [_who(told.facts, currency)])
    yield from _section("Habit", [told.habit])
    if drawn and told.active_days_by_week:
        yield from timeline_lines(timeline_of(told.facts, told.active_days_by_week, told.as_of, told.past.contacts))
    signs = [f"{number}. {sign['words']}" for number, sign in enumerate(told.signs, start=1)]
    yield from _section("Changed", signs or ["nothing that stands out against its own habit"])
    expected = told.facts.get("expected_next_date")
    yield from _section("Risk", [told.risk, *([f"expected next on {long_day(expected)}"] if expected else [])])
    yield from _section("Lists", [_on_list(one) for one in told.lists] or ["on none"])
    yield ""
    yield "Campaigns, the most important first"
    for story in told.campaigns:
        yield from _campaign(story)
    yield ""
    contacts = [f"{one.on}  {one.campaign}: {one.what}, {one.status}" for one in told.past.contacts]
    yield from _section("So far", contacts or ["nothing"])
    arms = [f"{campaign}: {arm.replace('_', ' ')}" for campaign, arm in sorted(told.past.arms.items())]
    yield from _section("Measured", arms or ["in no campaign yet"])


def _who(facts: dict[str, Any], currency: str) -> str:
    from stillhere.campaigns.story import amount, days, long_day, money

    words = [str(facts["stage"])]
    if facts.get("plan"):
        words.append(f"plan {facts['plan']}")
    if facts.get("tenure_days") is not None:
        words.append(f"here for {days(facts['tenure_days'])}")
    words.append(f"{money(amount(facts.get('value_minor'), currency), currency)} a year")
    if facts.get("owner_email"):
        words.append(f"owner {facts['owner_email']}")
    talked: date | None = facts.get("last_talked_date")
    words.append(f"last talked with on {long_day(talked)}" if talked else "never talked with")
    if facts.get("open_tickets"):
        words.append(f"open tickets: {facts['open_tickets']}")
    return ", ".join(words)


def _on_list(one: dict[str, Any]) -> str:
    since = "new tonight" if one["new_tonight"] else f"since {one['since']}"
    staying = {"staying": ", its rule no longer holds", "held": ", held"}.get(one["status"], "")
    return f"{one['title']}, {since}{staying}"


def _campaign(story: Any) -> Iterator[str]:
    person = f" to {story.contact_id}" if story.contact_id else ""
    outcome = OUTCOME_WORDS.get(story.outcome, story.outcome)
    text = f"{story.campaign}{person}: {outcome}, {story.reason_words} [{story.reason_code}]"
    yield from textwrap.wrap(text, WIDTH, initial_indent="  ", subsequent_indent="      ")
    if story.reason_code != "no_candidate":
        yield from textwrap.wrap(f"next: {story.next}", WIDTH, initial_indent="      ", subsequent_indent="      ")


def _section(title: str, lines: list[str]) -> Iterator[str]:
    for number, line in enumerate(lines):
        start = f"{title if number == 0 else '':<{MARGIN}}"
        yield from textwrap.wrap(line, WIDTH, initial_indent=start, subsequent_indent=" " * MARGIN)
