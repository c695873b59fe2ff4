"""`stillhere init`: from exported files to a company's folder."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, cast
from zoneinfo import available_timezones

import typer

from stillhere.settings import StillhereError

if TYPE_CHECKING:
    from stillhere.connectors.guess.asking import Asker, Wrong
    from stillhere.connectors.guess.proposal import Proposal, Told

FileOption = Annotated[Path | None, typer.Option(metavar="FILE", help="CSV, JSON lines or Parquet; a glob in quotes.")]
ColumnOption = Annotated[str | None, typer.Option(metavar="COLUMN", help="Its heading, where the guess is wrong.")]


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("init")(init)


def init(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The company's folder, made here.")],
    events: Annotated[
        Path,
        typer.Option(metavar="FILE", help="What customers did and when: orders, logins. CSV, JSON lines, Parquet."),
    ],
    accounts: FileOption = None,
    contacts: FileOption = None,
    subscriptions: FileOption = None,
    invoices: FileOption = None,
    account_column: ColumnOption = None,
    time_column: ColumnOption = None,
    value_column: ColumnOption = None,
    kind_column: ColumnOption = None,
    date_format: Annotated[
        str | None, typer.Option(metavar="FORMAT", help="Where day and month could be either, like %d/%m/%Y.")
    ] = None,
    zone: Annotated[str | None, typer.Option(metavar="ZONE", help="Zone of the times, like Europe/Berlin.")] = None,
    currency: Annotated[str | None, typer.Option(metavar="CODE", help="Currency of the amounts, like EUR.")] = None,
    rate: Annotated[
        list[str] | None, typer.Option(metavar="CODE=RATE", help="One unit in the company's currency, like USD=0.92.")
    ] = None,
    kind: Annotated[
        str | None, typer.Option(metavar="shop|contract", help="shop: leaving is falling silent. contract: it ends.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Take the guesses; fail where there is none.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace the configuration of a folder that exists.")] = False,
) -> None:
    """Understands exported files and writes a company's folder that 'stillhere nightly --company NAME' runs on.

    Columns, delimiter, encoding, decimal mark, date format, currency and time zone are read from the data; what the
    data do not say is asked. Files stay where they are. Events alone give rhythm, risk, lists and a call list; e-mail
    and consent are needed only to send.

    Example: stillhere init acme --events orders.csv --contacts people.csv
    """
    from stillhere.connectors.guess.proposal import Told

    columns = {
        "account_id": account_column,
        "occurred_at": time_column,
        "value": value_column,
        "kind": kind_column,
    }
    told = Told(
        columns={target: column for target, column in columns.items() if column},
        date_format=date_format,
        zone=_zone(zone),
        currency=currency,
        kind=_kind(kind),
        rates=dict(_rate(text) for text in rate or []),
    )
    files = {
        "activity": events,
        "accounts": accounts,
        "contacts": contacts,
        "subscriptions": subscriptions,
        "invoices": invoices,
    }
    try:
        _run(Path(name), {k: path for k, path in files.items() if path is not None}, told, _asker(yes), force=force)
    except StillhereError as error:  # a file that cannot be read, a question without an answer: the caller's to mend
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error


def _run(folder: Path, files: dict[str, Path], told: Told, asker: Asker, *, force: bool) -> None:
    from stillhere.connectors.guess.folder import check_folder, check_id
    from stillhere.connectors.guess.proposal import propose
    from stillhere.connectors.guess.write import company_id, write_company

    check_folder(folder, force=force)
    check_id(folder, company_id(folder.name), Path(os.environ.get("STILLHERE_DATA") or "data"), force=force)
    proposal = propose(folder.name, files, told, asker, date.today())  # noqa: DTZ011 - the caller's day is near enough
    _show(proposal)
    if not asker.confirm(f"Write {folder}/ like this?"):
        typer.echo("Nothing written. Name columns with --account-column, --time-column, --value-column, --kind-column.")
        raise typer.Exit(1)
    written = write_company(folder, proposal)
    _tell_what_next(folder, proposal, written)


def _zone(zone: str | None) -> str | None:
    if zone is not None and zone not in available_timezones():
        raise typer.BadParameter(
            f"{zone!r} is no time zone of the tz database, like Europe/Berlin", param_hint="--zone"
        )
    return zone


def _kind(kind: str | None) -> Literal["shop", "contract"] | None:
    if kind not in (None, "shop", "contract"):
        raise typer.BadParameter("give shop or contract", param_hint="--kind")
    return cast(Literal["shop", "contract"] | None, kind)


def _rate(text: str) -> tuple[str, Decimal]:
    code, _, number = text.partition("=")
    try:
        rate = Decimal(number)
    except InvalidOperation:
        rate = Decimal(0)
    if len(code) != 3 or rate <= 0:
        raise typer.BadParameter(f"{text!r}: write it like USD=0.92", param_hint="--rate")
    return code.upper(), rate


class _Terminal:
    """Asks the person at the terminal."""

    def choose(self, question: str, choices: Sequence[tuple[str, str]], default: str | None, option: str) -> str:
        typer.echo(f"\n{question}  ({option} answers this in scripts)")
        for number, (_, shown) in enumerate(choices, start=1):
            typer.echo(f"  {number}  {shown}")
        values = [value for value, _ in choices]
        first = str(values.index(default) + 1) if default in values else None
        while True:
            answer = str(typer.prompt("Number", default=first))
            if answer.isdigit() and 1 <= int(answer) <= len(values):
                return values[int(answer) - 1]
            typer.echo(f"Give a number from 1 to {len(values)}.")

    def text(self, question: str, default: str | None, option: str, wrong: Wrong) -> str:
        while True:
            answer = str(typer.prompt(f"{question} ({option})", default=default)).strip()
            complaint = wrong(answer)
            if complaint is None:
                return answer
            typer.echo(complaint)

    def confirm(self, question: str) -> bool:
        return typer.confirm(question, default=True)


def _asker(yes: bool) -> Asker:
    from stillhere.connectors.guess.asking import NobodyToAsk

    return NobodyToAsk() if yes or not sys.stdin.isatty() else _Terminal()


def _show(proposal: Proposal) -> None:
    from rich.console import Console

    from stillhere.connectors.guess.preview import preview_table, summary_lines

    console = Console()
    for understood in proposal.exports:
        console.print(preview_table(understood, proposal))
    for line in summary_lines(proposal):
        console.print(line, highlight=False)


def _tell_what_next(folder: Path, proposal: Proposal, written: list[Path]) -> None:
    typer.echo(f"\nWrote {folder}/: {', '.join(path.relative_to(folder).as_posix() for path in written)}")
    if proposal.can_write:
        typer.echo("To write to people, set 'sender' in company.yml; only those with consent are ever written to.")
    else:
        typer.echo("No e-mail addresses: lists and the call list work; e-mail and consent are needed only to send.")
    typer.echo(f"Next: stillhere nightly --company {folder}")
