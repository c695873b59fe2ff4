"""Dates with the month's name in another language than English: no engine here reads them, so rows are named."""

from __future__ import annotations

import re
from functools import cache

from stillhere.connectors.guess.asking import UnansweredError
from stillhere.connectors.guess.profile import Column, Export
from stillhere.connectors.raw import quoted

# The languages that headings are understood in; English names are read.
LANGUAGES = ("de", "fr", "es", "it", "nl", "pl", "sv", "pt")
MONTH_IN_WORDS = re.compile(r"^\D{0,12}\d{1,2}\.?[\s-]+(?:de\s+)?([^\W\d_]{3,12})\.?[\s-]+(?:de\s+)?(?:\d{4}|\d{2})\b")
LINES_NAMED = 3


def refuse_months_in_words(export: Export, file: str) -> None:
    """Raises UnansweredError naming the first lines whose dates have a month's name that is not English."""
    for column in export.columns:
        lines = _lines(export, column)
        if lines:
            shown = ", ".join(f"{number} ({text})" for number, text, _ in lines[:LINES_NAMED])
            raise UnansweredError(
                f"{file}, {column.heading}: months are written in {lines[0][2]}, first in the rows {shown}; "
                "only English names are read. Export the dates as numbers, such as 2024-03-15 or 15.03.2024"
            )


def _lines(export: Export, column: Column) -> list[tuple[int, str, str]]:
    """Row (the first below the headings is 1), text and language of dates among the first rows."""
    found = []
    values = export.head([f"trim({quoted(column.name)}::varchar)"], rows=200)
    for number, (text,) in enumerate(values, start=1):
        matched = MONTH_IN_WORDS.match(text or "")
        language = _months().get(matched[1].casefold()) if matched else None
        if language:
            found.append((number, text, language))
    return found


@cache
def _months() -> dict[str, str]:
    """The name of a language by each month's name that is not an English one."""
    from babel import Locale

    def names(code: str) -> set[str]:
        forms = Locale(code).months
        words = [forms[use][width] for use in ("format", "stand-alone") for width in ("wide", "abbreviated")]
        return {name.rstrip(".").casefold() for months in words for name in months.values()}

    english = names("en")
    return {
        name: str(Locale(code).get_display_name("en")) for code in reversed(LANGUAGES) for name in names(code) - english
    }
