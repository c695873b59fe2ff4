"""Options that several commands share, and how they read settings."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from stillhere.settings import Settings


def parse_day(text: str) -> date:
    """A calendar day written as YYYY-MM-DD. Raises typer.BadParameter otherwise."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no day; write it as YYYY-MM-DD") from None


CompanyOption = Annotated[
    Path | None,
    typer.Option("--company", metavar="DIR", help="The company's folder. Default: STILLHERE_COMPANY, or config."),
]
AsOfOption = Annotated[
    date | None,
    typer.Option("--as-of", metavar="DATE", parser=parse_day, help="The night's day, YYYY-MM-DD. Default: the newest."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print facts as one JSON object.")]


def settings_of(company: Path | None) -> Settings:
    """The company's settings. Raises ConfigurationError, which the command line turns into exit code 2."""
    # Imported late, for it brings polars along: --help of any command should not wait for that.
    from stillhere.company_folder import read_company

    return read_company(company)
