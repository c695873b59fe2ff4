"""The one screen that ends `nightly`: what ran, who is slipping, what would be sent, what was held, where it lies."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from stillhere.reports.formats import Formats
from stillhere.reports.summary import REASONS_NAMED, CampaignTonight, NightSummary

WIDTH = 100
"""Columns when nobody's terminal says."""


@dataclass(frozen=True, slots=True)
class Typed:
    """How the next command is typed here: the program, and the company where it isn't the default one."""

    program: str = "stillhere"
    company: str = ""

    @classmethod
    def here(cls, company: Path) -> Typed:
        """As the reader would type it in this shell: a program that is not on the path is named by its own."""
        started = Path(sys.argv[0])
        found = shutil.which(started.name)
        on_path = found is not None and Path(found).resolve() == started.resolve()
        default = company.resolve() == Path("config").resolve()
        option = "" if default else f" --company {shown_path(company.resolve())}"
        return cls(started.name if on_path else shown_path(started.absolute()), option)

    def command(self, words: str, *, about_company: bool = True) -> str:
        """A whole command line for `words`, such as "why 42"."""
        return f"{self.program} {words}{self.company if about_company else ''}"


def night_console(*, stderr: bool = False) -> Console:
    """A console that does not wrap at 80 columns when its output goes to a file."""
    console = Console(stderr=stderr, highlight=False)
    return console if console.is_terminal else Console(stderr=stderr, highlight=False, width=WIDTH)


def show_night(console: Console, night: NightSummary, typed: Typed | None = None, language: str = "en") -> None:
    """Prints the end screen of a night; `typed` says how its next commands are written."""
    formats = Formats.of(language, "EUR")  # no amount is shown here
    console.print()
    console.print(_title(night))
    for heading, body in _sections(night, typed or Typed(), formats):
        console.print()
        console.print(Text(heading, style="bold"))
        console.print(Padding(body, (0, 0, 0, 2)))


def _title(night: NightSummary) -> Text:
    title = Text(f"{night.company}, night of {night.as_of:%A} {night.as_of.day} {night.as_of:%B %Y}", style="bold")
    if night.revision > 1:
        title.append(f", revision {night.revision}")
    if night.whole_send_held:
        return title.append("   the whole send is held", style="bold red")
    if night.mode == "preview":
        return title.append("   preview: nothing left", style="bold cyan")
    return title.append("   sent", style="bold green")


def _sections(night: NightSummary, typed: Typed, formats: Formats) -> Iterator[tuple[str, RenderableType]]:
    yield "What ran", _steps(night, formats)
    yield "Accounts", Group(Text(_accounts(night, formats)), *(Text(words, style="yellow") for words in night.missing))
    yield "Who is slipping, and what changed", _examples(night, formats)
    yield _sending_heading(night), _campaigns(night, formats)
    yield "Held back", _held(night, typed, formats)
    if night.notes:
        yield "To know", Group(*(Text(note, style="yellow") for note in night.notes))
    yield "Where it lies", _paths(night, formats)
    yield "Next", _next(night, typed)


def _steps(night: NightSummary, formats: Formats) -> Text:
    total = sum(step.seconds for step in night.steps)
    named = [f"{step.step} {formats.number(step.seconds, 1)} s" for step in night.steps]
    return Text(" · ".join([*named, f"together {formats.number(total, 1)} s"]))


def _accounts(night: NightSummary, formats: Formats) -> str:
    counted = (
        f"{formats.number(night.accounts)} known, {formats.number(night.scored)} scored, "
        f"{formats.number(night.slipping)} slipping"
    )
    if night.expected_leavers is None:
        return f"{counted}; too little data to say how many will leave"
    expected, low, high = (formats.number(value) for value in night.expected_leavers)
    return f"{counted}; {expected} ({low} to {high}) expected to leave within {night.horizon_days} days"


def _examples(night: NightSummary, formats: Formats) -> RenderableType:
    if not night.examples:
        return Text("Nobody shows a change against their own habit.")
    table = _grid()
    for one in night.examples:
        chance = "" if one.churn_probability is None else formats.share(one.churn_probability)
        table.add_row(Text(one.account_name, style="bold"), Text(chance), Text(one.what_changed))
    return table


def _sending_heading(night: NightSummary) -> str:
    if night.whole_send_held:
        return "What waits, and for whom"
    return "What would be sent, and to whom" if night.mode == "preview" else "What was sent, and to whom"


def _campaigns(night: NightSummary, formats: Formats) -> RenderableType:
    busy = [one for one in night.campaigns if one.mails or one.calls or one.held]
    table = _grid()
    for one in busy:
        table.add_row(
            Text(one.title, style="bold"), Text(_amount(one, night.mode, formats)), Text(one.example, style="dim")
        )
    alone = sum(one.holdout for one in night.campaigns)
    nobody = Text("Nothing: no campaign has anybody to turn to tonight.")
    lines: list[RenderableType] = [table if busy else nobody]
    if alone:
        lines.append(Text(f"{formats.number(alone)} left alone, so that the effect can be seen."))
    return Group(*lines, *_refusals(night, formats))


def _amount(one: CampaignTonight, mode: str, formats: Formats) -> str:
    counts = ((one.mails, "mail", "mails"), (one.calls, "call", "calls"), (one.held, "held", "held"))
    told = [f"{formats.number(count)} {word if count == 1 else words}" for count, word, words in counts if count]
    # That a preview was written is no news; what was refused or dropped is.
    news = {status: count for status, count in one.settled.items() if mode == "live" or status != "accepted"}
    settled = [f"{formats.number(count)} {status}" for status, count in sorted(news.items())]
    return ", ".join(told) + (f" ({', '.join(settled)})" if settled else "")


def _refusals(night: NightSummary, formats: Formats) -> list[Text]:
    if not night.refused_by_reason:
        return []
    named = list(night.refused_by_reason.items())
    shown = [f"{words} ({formats.number(count)})" for words, count in named[:REASONS_NAMED]]
    total = sum(night.refused_by_reason.values())
    return [Text(f"{formats.number(total)} refused: {'; '.join(shown)}{'; …' if named[REASONS_NAMED:] else ''}")]


def _held(night: NightSummary, typed: Typed, formats: Formats) -> RenderableType:
    if not night.holds:
        return Text("Nothing.")
    table = _grid()
    for hold in night.holds:
        state = "released" if hold.released else typed.command(hold.way_out)
        count = f"{formats.number(hold.count)} message{'' if hold.count == 1 else 's'}"
        table.add_row(Text(hold.what, style="bold"), Text(f"{count}, {hold.owner}"), Text(f"{hold.words}\n{state}"))
    return table


def _paths(night: NightSummary, formats: Formats) -> RenderableType:
    table = _grid()
    places = (
        ("Report", night.report),
        ("Segment lists", night.lists),
        ("Call list", night.calls),
        (f"Mails ({formats.number(night.mail_count)})", night.mails if night.mail_count else None),
    )
    for name, path in places:
        table.add_row(Text(name), Text(shown_path(path) if path else "none tonight", overflow="fold"))
    return table


def _next(night: NightSummary, typed: Typed) -> RenderableType:
    table = _grid()
    if night.examples:
        table.add_row(
            Text(typed.command(f"why {night.examples[0].account_id}")), Text("the whole story of one account")
        )
    if any(not hold.released for hold in night.holds):
        table.add_row(Text(typed.command("holds")), Text("what is held, and what to do about it"))
    for words, what in _further(night, typed):
        table.add_row(Text(words), Text(what))
    return table


def _further(night: NightSummary, typed: Typed) -> Iterator[tuple[str, str]]:
    """What to try next: with a company that came with Stillhere one's own data, with one's own what there is to use."""
    if night.is_shipped:
        yield typed.command("init acme --events orders.csv", about_company=False), "the same for your own data"
        return
    yield typed.command("lists"), "the lists, and who is new on them"
    yield typed.command("status"), "whether all is fine, for whoever is on call"
    if not night.has_sender:
        yield "docs/sending.md", "who mails come from, before any is sent: 'sender' in company.yml"


def shown_path(path: Path) -> str:
    """A path as people type it: relative to where they stand, when it is below."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def _grid() -> Table:
    return Table.grid(padding=(0, 2, 0, 0), expand=False)
