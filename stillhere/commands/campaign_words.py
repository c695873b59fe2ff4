"""`stillhere campaigns export` and `import`: a campaign's words as one document, out to a marketer and back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from stillhere.commands.options import CompanyOption, settings_of


def export(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The campaign's id.")],
    to: Annotated[
        Path | None, typer.Option("--to", metavar="FILE", help="A .docx or .md file. Default: NAME.docx here.")
    ] = None,
    company: CompanyOption = None,
) -> None:
    """Write a campaign's words, in all languages, as one document to edit.

    Example: stillhere campaigns export slipping_note --to slipping_note.docx
    """
    from stillhere.campaigns.approving import campaign_named
    from stillhere.mails.words_document import document_lines
    from stillhere.mails.words_formats import write_document

    settings = settings_of(company)
    campaign = campaign_named(settings, name)
    if campaign.what != "mail":
        raise typer.BadParameter(f"{name} is a call; only mails have words to edit")
    own = settings.company.language
    folder = settings.folder / "campaigns" / campaign.id
    written = [one for one in dict.fromkeys((own, *settings.company.languages)) if (folder / f"{one}.md").is_file()]
    file = to or Path(f"{campaign.id}.docx")
    write_document(document_lines(settings.folder, campaign.id, campaign.title, written), file)
    typer.echo(f"{file}: {campaign.title}, {', '.join(written)}; give it back with 'stillhere campaigns import {file}'")


def take_back(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A document of 'stillhere campaigns export'.")],
    company: CompanyOption = None,
) -> None:
    """Take an edited document over into a campaign's words. A mistake names its sentence, and nothing is written.

    Exit code 0: taken over, or nothing had changed; 2: mistakes.

    Example: stillhere campaigns import slipping_note.docx
    """
    from stillhere.mails.words_document import take_over
    from stillhere.mails.words_formats import read_document

    settings = settings_of(company)
    languages = tuple(dict.fromkeys((settings.company.language, *settings.company.languages)))
    campaign, written = take_over(settings.folder, read_document(file), languages)
    if not written:
        typer.echo(f"{campaign}: nothing has changed")
        return
    for path in written:
        typer.echo(f"written: {path}")
    typer.echo(f"It needs a yes before it leaves: stillhere campaigns diff {campaign}")
