"""`stillhere suppress`: who must not be written to, by the old provider's list or by hand; objections and erasures."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from stillhere.commands.options import CompanyOption, JsonOption, settings_of


def register(app: typer.Typer) -> None:
    """Adds the command group."""
    group = typer.Typer(help="Who must not be written to: stops, objections, erasures.", no_args_is_help=True)
    group.command("import")(import_stops)
    group.command("none")(no_stops)
    group.command("add")(add_stop)
    group.command("objection")(objection)
    group.command("erased")(erased)
    app.add_typer(group, name="suppress")


def import_stops(
    file: Annotated[Path, typer.Argument(help="A CSV file with a column of mail addresses.")],
    reason: Annotated[
        Literal["unsubscribed", "bounce", "complaint"] | None,
        typer.Option("--reason", help="Why, for the whole file. Default: as the file says, or its name."),
    ] = None,
    company: CompanyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take over the old provider's unsubscribes, bounces and complaints. Nobody on the list is written to again.

    The column of addresses is found by looking. Importing a file twice changes nothing.

    Example: stillhere suppress import unsubscribes.csv
    """
    from stillhere.operations import open_operations, writing
    from stillhere.operations.stops import add_suppressions, record_import
    from stillhere.sending.stops_import import read_stops

    settings = settings_of(company)
    now = datetime.now(UTC)
    read = read_stops(file, now.astimezone(settings.company.zone).date(), reason)
    with writing(open_operations(settings.places.operations_url)) as connection:
        new = add_suppressions(connection, read.stops)
        record_import(connection, read.import_id, file.name, len(read.stops), now)
    facts = {
        "rows": read.rows,
        "addresses": len(read.stops),
        "new": new,
        "without_address": read.without_address,
        "column": read.column,
        "by_reason": read.by_reason,
    }
    if as_json:
        typer.echo(json.dumps(facts))
        return
    addresses, rows = _counted(len(read.stops), "address", "addresses"), _counted(read.rows, "row", "rows")
    typer.echo(f"{addresses} in {rows}, read from column '{read.column}'; new: {new}.")
    for why, count in read.by_reason.items():
        typer.echo(f"{count:>8}  {why}")
    if read.without_address:
        typer.echo(f"{read.without_address:>8}  rows without one address, left out")


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def no_stops(
    because: Annotated[str, typer.Option("--because", metavar="TEXT", help="Why there is nothing to import.")],
    company: CompanyOption = None,
) -> None:
    """State that there is nothing to import, so that the first live night does not ask for it.

    Example: stillhere suppress none --because "we have never sent mail before"
    """
    from stillhere.operations import open_operations, writing
    from stillhere.operations.stops import record_import

    if not because.strip():
        raise typer.BadParameter("say in a few words why there is nothing to import", param_hint="--because")
    settings = settings_of(company)
    said = f"none: {because.strip()}"[:255]
    with writing(open_operations(settings.places.operations_url)) as connection:
        record_import(connection, hashlib.sha256(said.encode()).hexdigest(), said, 0, datetime.now(UTC))
    typer.echo("Recorded: there are no stops to import.")


SubjectArgument = Annotated[str, typer.Argument(metavar="ADDRESS", help="The person's mail address.")]


def add_stop(
    address: SubjectArgument,
    because: Annotated[str, typer.Option("--because", metavar="TEXT", help="Where the stop came from.")],
    company: CompanyOption = None,
) -> None:
    """Stop one person by hand: whoever asked on the phone, or by answering a mail. Nothing passes a stop.

    Example: stillhere suppress add ada@customer.example --because "asked on the phone"
    """
    from stillhere.operations import open_operations, writing
    from stillhere.operations.stops import Suppression, add_suppressions

    settings = settings_of(company)
    email = _address(address)
    today = datetime.now(UTC).astimezone(settings.company.zone).date()
    stop = Suppression(email, "unsubscribed", today, f"by hand: {because.strip()}"[:64])
    with writing(open_operations(settings.places.operations_url)) as connection:
        new = add_suppressions(connection, [stop])
    typer.echo("Stopped: nothing is sent to that address any more." if new else "That address was stopped already.")


def objection(
    subject: Annotated[str, typer.Argument(metavar="ADDRESS|ACCOUNT", help="The person's address, or an account id.")],
    withdrawn: Annotated[bool, typer.Option("--withdrawn", help="The objection was taken back.")] = False,
    company: CompanyOption = None,
) -> None:
    """Record an objection to profiling. The person gets no campaign that rests on it, nor any marketing.

    An account that objected itself, or all of whose people did, is not scored and is on no list that rests on use.

    Example: stillhere suppress objection ada@customer.example
    """
    from stillhere.operations import open_operations, writing
    from stillhere.operations.peace import record_objection, withdraw_objection

    settings = settings_of(company)
    today = datetime.now(UTC).astimezone(settings.company.zone).date()
    with writing(open_operations(settings.places.operations_url)) as connection:
        if withdrawn:
            changed = withdraw_objection(connection, subject)
        else:
            changed = record_objection(connection, subject, today, "by hand")
    what = "taken back" if withdrawn else "recorded"
    typer.echo(f"Objection {what}; it counts from the next hand-over on." if changed else f"It was {what} already.")


def erased(address: SubjectArgument, company: CompanyOption = None) -> None:
    """Note that a person was erased in the sources: a hash of the address is kept, so that nobody writes to it again.

    Example: stillhere suppress erased ada@customer.example
    """
    from stillhere.operations import open_operations, writing
    from stillhere.operations.peace import record_erasure

    settings = settings_of(company)
    today = datetime.now(UTC).astimezone(settings.company.zone).date()
    with writing(open_operations(settings.places.operations_url)) as connection:
        new = record_erasure(connection, _address(address), today)
    typer.echo("Noted: the address itself is not kept." if new else "That was noted already.")


def _address(text: str) -> str:
    """The address, normalised. Raises typer.BadParameter for what is none."""
    email = text.strip().lower()
    if email.count("@") != 1 or " " in email or email.startswith("@") or email.endswith("@"):
        raise typer.BadParameter(f"{text!r} is no mail address")
    return email
