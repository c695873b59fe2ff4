"""`stillhere holds`: what a night keeps back, and why."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import typer

from stillhere.commands.options import AsOfOption, CompanyOption, JsonOption, settings_of

if TYPE_CHECKING:
    from stillhere.operations.holds import Hold
    from stillhere.operations.loads import JudgedLoad


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("holds")(holds)


def holds(company: CompanyOption = None, as_of: AsOfOption = None, as_json: JsonOption = False) -> None:
    """Show what a night keeps back: the rule, how many, examples (ids), whose it is, and how to let it go.

    A hold left alone never sends; it expires with the next night. Loads that a gate refused are told besides: no night
    reads them until they are accepted, or read again and found right.

    Example: stillhere holds --as-of 2026-08-31
    """
    from stillhere.operations.holds import holds_of
    from stillhere.operations.load_acceptances import waiting_loads
    from stillhere.operations.open import open_if_there
    from stillhere.operations.seals import newest_revision, newest_sealed
    from stillhere.sending.releases import state_of

    settings = settings_of(company)
    engine = open_if_there(settings.places.operations_url)
    night = newest_sealed(engine) if as_of is None else newest_revision(engine, as_of)
    found = [(hold, state_of(engine, hold)) for hold in (holds_of(engine, *night) if night else [])]
    refused = waiting_loads(engine)
    if as_json:
        told = {
            "holds": [_facts(hold, state) for hold, state in found],
            "refused_loads": [load_facts(one) for one in refused],
        }
        typer.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    if not found:
        which = f"The night of {night[0]} holds nothing back." if night else "No night has been decided yet."
        typer.echo(which)
    for hold, state in found:
        _show(hold, state)
    for load in refused:
        _show_load(load)


def _show(hold: Hold, state: str) -> None:
    what = {"night": "the whole send", "campaign": f"campaign {hold.subject}", "message": f"message {hold.subject}"}
    typer.echo(f"{hold.hold_id}  {what[hold.scope]} of {hold.as_of}, revision {hold.revision}: {state}")
    typer.echo(f"    rule {hold.rule}, belongs to {hold.owner}: {hold.words}")
    if hold.item_count or hold.examples:
        examples = f", for example {', '.join(hold.examples)}" if hold.examples else ""
        typer.echo(f"    {hold.item_count} affected{examples}")
    if hold.released_because:
        typer.echo(f"    released because: {hold.released_because}")
    if state == "open":
        from stillhere.operations.holds import way_out

        typer.echo(f"    to let it go: stillhere {way_out(hold.rule, hold.subject, hold.hold_id)}")


def _show_load(load: JudgedLoad) -> None:
    place = f"{load.source}.{load.resource}"
    typer.echo(f"{place}  {load.row_count:,} rows of {load.as_of} are not read: refused for {', '.join(load.because)}")
    typer.echo(f"    if they are right all the same: stillhere accept {place} --by NAME --because TEXT")


def load_facts(load: JudgedLoad) -> dict[str, Any]:
    """A load that was refused, for `--json`."""
    return {
        "source": load.source,
        "resource": load.resource,
        "load_id": load.load_id,
        "as_of": load.as_of.isoformat(),
        "rows": load.row_count,
        "rules": list(load.because),
    }


def _facts(hold: Hold, state: str) -> dict[str, Any]:
    return {
        "hold_id": hold.hold_id,
        "as_of": hold.as_of.isoformat(),
        "revision": hold.revision,
        "scope": hold.scope,
        "subject": hold.subject,
        "rule": hold.rule,
        "words": hold.words,
        "count": hold.item_count,
        "examples": list(hold.examples),
        "owner": hold.owner,
        "state": state,
        "released_because": hold.released_because,
    }
