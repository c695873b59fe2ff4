"""What can be wrong in lists and campaigns before a night: rules that can't be read, words that are missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from stillhere.campaigns.conditions import condition_mistakes
from stillhere.mails.values import NAMES
from stillhere.mails.words import WordsError, read_words
from stillhere.settings.campaigns import Campaign
from stillhere.settings.company import Company
from stillhere.settings.errors import Mistake
from stillhere.settings.segments import Segments


def list_and_campaign_mistakes(
    folder: Path, shown: str, segments: Segments, campaigns: Sequence[Campaign], company: Company | None
) -> list[Mistake]:
    """Every mistake in the rules of `segments.yml` and in the words of mail campaigns; `shown` is the folder's name."""
    mistakes = condition_mistakes(segments.segments, f"{shown}/segments.yml")
    if company is not None:
        for campaign in campaigns:
            if campaign.what == "mail" and campaign.enabled:
                mistakes += _words_mistakes(folder, shown, campaign, company)
    return mistakes


def _words_mistakes(folder: Path, shown: str, campaign: Campaign, company: Company) -> Iterator[Mistake]:
    """The company's own language must be there; another language may be missing, for then its own stands in."""
    for language in sorted({*company.languages, company.language}):
        file = folder / "campaigns" / campaign.id / f"{language}.md"
        if not file.is_file() and language != company.language:
            continue
        place = f"{shown}/campaigns/{campaign.id}/{language}.md"
        try:
            words = read_words(folder, campaign.id, language)
        except WordsError as error:
            said = str(error).removeprefix(f"campaigns/{campaign.id}/{language}.md: ")
            yield Mistake(place, "", said, "mend it, or set 'enabled: false' in the campaign")
            continue
        unknown = sorted((words.names | words.optional_names) - set(NAMES))
        if unknown:
            known = ", ".join(NAMES)
            yield Mistake(place, ", ".join(unknown), "no such value", f"use one of: {known}")
