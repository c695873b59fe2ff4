"""`stillhere schema`: the JSON Schema of a company's files, for editors that complete and check while one types."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import BaseModel

from stillhere.settings.campaigns import Campaign
from stillhere.settings.offers import Offers
from stillhere.settings.segments import Segments

FILES: dict[str, type[BaseModel]] = {"campaign": Campaign, "segments": Segments, "offers": Offers}


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("schema")(schema)


def schema(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to write; made if it is not there.")],
) -> None:
    """Write the JSON Schema of campaigns, lists and offers, for an editor to complete and check.

    With the YAML language server, the first line of a campaign names it:
    # yaml-language-server: $schema=../schema/campaign.schema.json

    Example: stillhere schema config/schema
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, described in schemas().items():
        path = folder / f"{name}.schema.json"
        path.write_text(json.dumps(described, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        typer.echo(str(path))


def schemas() -> dict[str, dict[str, Any]]:
    """Name to JSON Schema. A campaign's id is its file's name, so the file may not say it."""
    described = {name: model.model_json_schema(by_alias=True) for name, model in FILES.items()}
    campaign = described["campaign"]
    del campaign["properties"]["id"]
    campaign["required"].remove("id")
    draft = "https://json-schema.org/draft/2020-12/schema"
    return {name: {"$schema": draft, **one} for name, one in described.items()}
