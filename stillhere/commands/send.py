"""`stillhere send`: hands over what a night decided."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from stillhere.commands.options import AsOfOption, CompanyOption, JsonOption, settings_of
from stillhere.settings import Settings

if TYPE_CHECKING:
    from stillhere.sending.send_night import Progress
    from stillhere.sending.send_result import SendResult

DONE, FAILED, USAGE, HELD = 0, 1, 2, 3


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("send")(send)


def send(
    company: CompanyOption = None,
    as_of: AsOfOption = None,
    for_real: Annotated[bool, typer.Option("--send", help="Hand messages over. Without it they are previews.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Hand over what a night decided and is not settled yet: after a crash, a pause or an outage.

    Without --send the messages are written as files under out/DATE/mail/ and nothing leaves. Doing it twice sends
    nothing twice. Exit code 3: the whole send is held.

    Example: stillhere send --as-of 2026-08-31 --send
    """
    from stillhere.operations import open_operations
    from stillhere.sending.night_to_send import sealed_night, send_now

    settings = settings_of(company)
    engine = open_operations(settings.places.operations_url)
    night = sealed_night(engine, as_of)
    with sending_progress(quiet=as_json) as progress:
        result = send_now(
            settings, engine, night, live=for_real, latest_day=lambda: last_day(settings), progress=progress
        )
    show_result(settings, result, as_json=as_json)
    raise typer.Exit(exit_code(result))


def last_day(settings: Settings) -> date | None:
    """The last day of data, or None where no source says: messages may go while sources are down."""
    from stillhere.connectors import SourceError, latest_event_day

    try:
        return latest_event_day(settings, datetime.now(UTC))
    except SourceError:
        return None


@contextmanager
def sending_progress(*, quiet: bool) -> Iterator[Progress]:
    """A bar on the error stream while messages leave; nothing where there is no terminal."""
    from stillhere.reports.bar_of_steps import bar_of_steps

    with bar_of_steps("Messages", quiet=quiet) as moved:
        yield lambda done, total: moved("", done, total)


def show_result(settings: Settings, result: SendResult, *, as_json: bool) -> None:
    """Prints what came of a send."""
    if as_json:
        typer.echo(json.dumps(result.as_dict(), ensure_ascii=False, indent=2))
        return
    if result.not_live:
        typer.echo(f"Nothing was sent: {result.not_live}.", err=True)
        return
    night = f"Night of {result.as_of}, revision {result.revision}"
    if result.whole_send_held:
        typer.echo(f"{night}: the whole send is held; nothing left. See 'stillhere holds --as-of {result.as_of}'.")
        return
    if result.mode == "preview":
        folder = settings.places.out_folder(result.as_of) / "mail"
        typer.echo(f"{night}: {result.previewed} previews in {folder}. Nothing left; --send hands over.")
    else:
        typer.echo(f"{night}: {result.handed_over} messages handed over to '{result.sender}'.")
    for line in result.details():
        typer.echo(f"  {line}")
    if result.waiting:
        typer.echo("Look at the sender ('stillhere doctor'), then run the same command again.")


def exit_code(result: SendResult) -> int:
    """0 done, 1 refused or the sender is down, 2 something must be set first, 3 the whole send is held."""
    if result.not_live:
        return USAGE if result.not_ready else FAILED
    if result.whole_send_held:
        return HELD
    return FAILED if result.waiting else DONE
