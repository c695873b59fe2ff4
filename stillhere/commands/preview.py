"""`stillhere preview`: a campaign's mail for one account, with the source of everything it says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stillhere.commands.options import AsOfOption, CompanyOption, JsonOption, settings_of

if TYPE_CHECKING:
    from stillhere.mails.preview import Shown


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("preview")(preview)


def preview(
    campaign: Annotated[str, typer.Argument(help="The campaign's id.")],
    account: Annotated[str, typer.Option("--account", metavar="ID", help="The account's id, or a part of its name.")],
    worst: Annotated[
        bool, typer.Option("--worst", help="Also: longest name, no first name, other languages, zeros.")
    ] = False,
    pictures: Annotated[bool, typer.Option(help="Pictures at desktop width and 320 pixels, by Chromium.")] = True,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Where to write. Default: out/DATE/preview.")
    ] = None,
    company: CompanyOption = None,
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write a campaign's mail for one account as HTML, text and pictures, and say where each value comes from.

    Nothing is sent or stored. Exit code 2: no Chromium, or such a message would be held.

    Example: stillhere preview slipping_note --account ACC-000002 --worst
    """
    from stillhere.campaigns.approving import campaign_named
    from stillhere.campaigns.published import find_night
    from stillhere.campaigns.readers import readers_of
    from stillhere.mails.content import Layout
    from stillhere.mails.pictures import find_chromium, take_pictures
    from stillhere.mails.preview import show, worst_cases

    settings = settings_of(company)
    chosen = campaign_named(settings, campaign)
    if chosen.what != "mail":
        raise typer.BadParameter(f"{campaign} is a call; only mails can be previewed")
    if pictures:
        find_chromium()
    night = find_night(settings.places, as_of)
    readers, layout = readers_of(settings, night), Layout.of(settings.folder)
    first = readers.case(settings, chosen, readers.find(account), "as-it-is")
    cases = [first, *(worst_cases(first.account, first.person, readers.longest_names, settings) if worst else [])]
    folder = out or settings.places.out_folder(night.as_of) / "preview"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise typer.BadParameter(f"--out {folder}: can't be written ({error.strerror})") from error
    told = []
    for case in cases:
        shown = show(case, campaign, settings, layout)
        stem = folder / f"{campaign}-{case.account['account_id']}-{case.name}"
        files = _write(shown, stem)
        if pictures and shown.content is not None:
            files += take_pictures(shown.content.html, stem)
        told.append(_facts(shown, files))
    if as_json:
        typer.echo(json.dumps({"previews": told}, ensure_ascii=False, indent=2))
    else:
        for one in told:
            _tell(one)
    raise typer.Exit(2 if told[0]["held_because"] else 0)


def _write(shown: Shown, stem: Path) -> list[Path]:
    if shown.content is None:
        return []
    page, text = stem.with_name(f"{stem.name}.html"), stem.with_name(f"{stem.name}.txt")
    page.write_text(shown.content.html, encoding="utf-8")
    text.write_text(f"Subject: {shown.content.subject}\n\n{shown.content.text}", encoding="utf-8")
    return [page, text]


def _facts(shown: Shown, files: list[Path]) -> dict[str, Any]:
    claims = shown.content.claims.items() if shown.content else ()
    return {
        "case": shown.case.name,
        "language": shown.language,
        "subject": shown.content.subject if shown.content else None,
        "held_because": shown.problem,
        "values": [{"name": name, "shown": v.shown, "source": v.origin, "raw": v.raw} for name, v in claims],
        "stand_ins": sorted(shown.stand_ins),
        "files": [str(file) for file in files],
    }


def _tell(one: dict[str, Any]) -> None:
    typer.echo(f"{one['case']} [{one['language']}]: {one['subject'] or 'HELD: ' + one['held_because']}")
    for value in one["values"]:
        typer.echo(f"  {value['name']}: {value['shown']}   from {value['source']} ({value['raw']})")
    for name in one["stand_ins"]:
        typer.echo(f"  {name}: not known; the words say something else instead")
    for file in one["files"]:
        typer.echo(f"  {file}")
