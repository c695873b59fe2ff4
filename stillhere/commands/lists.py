"""`stillhere lists`: where a night's segment lists are, and how many are on them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import typer

from stillhere.commands.options import AsOfOption, CompanyOption, JsonOption, settings_of


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("lists")(lists)


def lists(company: CompanyOption = None, as_of: AsOfOption = None, as_json: JsonOption = False) -> None:
    """Show a night's segment lists: how many are on each, how many are new, and where the files are.

    Example: stillhere lists --as-of 2026-08-31
    """
    from stillhere.campaigns.published import find_night, newest_night_before
    from stillhere.campaigns.segments import changed_versions, empty_members, versions_tonight

    settings = settings_of(company)
    night = find_night(settings.places, as_of)
    members = night.mart("segment_members")
    before = newest_night_before(settings.places, night.as_of)
    versions = versions_tonight(settings.segments.segments, members)
    changed = changed_versions(versions, before.mart("segment_members") if before else empty_members())
    folder = settings.places.out_folder(night.as_of)
    told = [_one(segment, members, folder / "lists", changed) for segment in settings.segments.segments]
    calls = folder / "calls.xlsx"
    if as_json:
        shown = {"as_of": night.as_of.isoformat(), "revision": night.revision, "lists": told, "calls": _path(calls)}
        typer.echo(json.dumps(shown, ensure_ascii=False, indent=2))
        return
    typer.echo(f"Lists of the night of {night.as_of}")
    typer.echo(f"{'accounts':>9} {'new':>5}  list")
    for one in told:
        typer.echo(f"{one['members']:>9} {one['new_tonight']:>5}  {one['title']}{_marks(one)}")
        typer.echo(f"{'':>17}{one['xlsx'] or 'no file: it was removed, or this night wrote none'}")
    typer.echo(f"Call list: {_path(calls) or 'none for this night'}")


def _one(segment: Any, members: Any, folder: Path, changed: dict[str, str]) -> dict[str, Any]:
    mine = members.filter(members["segment_id"] == segment.id)
    return {
        "segment_id": segment.id,
        "title": segment.title,
        "owner": segment.owner,
        "members": mine.height,
        "new_tonight": int(mine["new_tonight"].sum()),
        "staying": mine.filter(mine["status"] == "staying").height,
        "held": bool((mine["status"] == "held").any()),
        "version": mine["version"][0] if mine.height else None,
        "rule_changed": segment.id in changed,
        "csv": _path(folder / f"{segment.id}.csv"),
        "xlsx": _path(folder / f"{segment.id}.xlsx"),
    }


def _marks(one: dict[str, Any]) -> str:
    marks = [word for word, given in (("held", one["held"]), ("rule changed", one["rule_changed"])) if given]
    return f" ({', '.join(marks)})" if marks else ""


def _path(path: Path) -> str | None:
    """The path as one may type it from here, or None where there is no file."""
    if not path.is_file():
        return None
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
