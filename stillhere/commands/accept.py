"""`stillhere accept`: takes a load that hand-over 1 refused as it is."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Annotated

import typer

from stillhere.commands.holds import load_facts
from stillhere.commands.options import CompanyOption, JsonOption, settings_of


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("accept")(accept)


def accept(
    place: Annotated[str, typer.Argument(metavar="SOURCE.RESOURCE", help="Whose load, as 'stillhere holds' names it.")],
    by: Annotated[str, typer.Option("--by", metavar="WHO", help="Who says so; kept with the load.")],
    because: Annotated[str, typer.Option("--because", metavar="WHY", help="Why it is right; kept with the load.")],
    company: CompanyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take a load that hand-over 1 refused as it is: the company has changed, and its data are right.

    The next night reads its rows, and is checked again, now against them. Nothing is sent by accepting, and what the
    present night holds stays held.

    Example: stillhere accept usage.events --by Anna --because "half of the customers were moved to the new product"
    """
    from stillhere.gates import accepting
    from stillhere.operations import NightHeldError, open_operations
    from stillhere.operations.lock import holder_of

    settings = settings_of(company)
    engine = open_operations(settings.places.operations_url)
    if (holder := holder_of(settings.places.lock)) is not None:
        raise NightHeldError(holder)
    taken = accepting.accept(settings, engine, place, by, because, datetime.now(UTC))
    if as_json:
        facts = [load_facts(load) for load in taken]
        typer.echo(json.dumps({"accepted": facts, "by": by.strip(), "because": because.strip()}, ensure_ascii=False))
        return
    for load in taken:
        typer.echo(
            f"{place}: the load of {load.as_of} is accepted, {load.row_count:,} rows ({', '.join(load.because)})."
        )
    newest = max(load.as_of for load in taken)
    typer.echo(f"The next night reads them; for {newest} itself: stillhere nightly --as-of {newest} --redecide")
