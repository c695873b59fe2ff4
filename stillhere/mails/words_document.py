"""A campaign's words as one document that a marketer can edit and give back: a title, and paragraphs by language.

A document is lines, whatever its format. `Subject:`, `Preview:`, `Button:` and `Link:` begin the short ones; everything
else below the heading of a language is a paragraph of the mail.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import yaml
from babel import Locale, UnknownLocaleError
from jinja2 import TemplateSyntaxError, meta

from stillhere.mails.values import NAMES
from stillhere.mails.words import Words, read_words, words_environment
from stillhere.settings import StillhereError

FIELDS = {"subject": "Subject", "preview": "Preview", "button": "Button", "button_url": "Link"}
LONGEST_SUBJECT = 78
"""Characters; RFC 5322, 2.1.1. Values that are filled in may be longer: hand-over 3 looks at the written mail."""
HINT = (
    "Edit the text and give this document back. What stands in {{ }} is filled with a value of each customer: a "
    "missing one holds the message unless a default is given. Headings and Subject, Preview, Button and Link stay."
)
KEY = re.compile(r"\[([a-z][a-z0-9_-]*)\]\s*$")
BRACED = re.compile(r"\{\{.*?\}\}")
TYPED_QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "\u00a0": " "})
"""What text programs make of quotation marks as one types; inside {{ }} they have to be plain again."""

Kind = Literal["title", "language", "paragraph"]


class WordsDocumentError(StillhereError):
    """A document can't be taken over; says every mistake with its sentence, and nothing was written."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a document, whatever its format."""

    kind: Kind
    text: str


@dataclass
class Part:
    """The words of one language as they stand in a document."""

    language: str
    fields: dict[str, str] = field(default_factory=dict)
    paragraphs: list[str] = field(default_factory=list)


def document_lines(folder: Path, campaign: str, title: str, languages: Sequence[str]) -> list[Line]:
    """The document of a campaign's words in the languages it is written in. Raises WordsError."""
    lines = [Line("title", f"{title} [{campaign}]"), Line("paragraph", HINT)]
    for language in languages:
        words = read_words(folder, campaign, language)
        lines.append(Line("language", f"{_language_name(language)} [{language}]"))
        lines += [Line("paragraph", f"{FIELDS[name]}: {getattr(words, name) or ''}") for name in ("subject", "preview")]
        lines += [Line("paragraph", text) for text in words.paragraphs]
        if words.button:
            lines += [Line("paragraph", f"{FIELDS[name]}: {getattr(words, name)}") for name in ("button", "button_url")]
    return lines


def take_over(folder: Path, lines: Sequence[Line], languages: Sequence[str]) -> tuple[str, list[Path]]:
    """Writes what a document changes in a campaign's words; gives the campaign and the files that were written.

    Raises WordsDocumentError naming each mistake with its sentence.
    """
    campaign, parts = _parts(lines)
    if not (folder / "campaigns" / f"{campaign}.yml").is_file():
        raise WordsDocumentError(
            f"the document is of '{campaign}', and there is no {folder.name}/campaigns/{campaign}.yml"
        )
    mistakes = [words for part in parts for words in _mistakes(part, languages)]
    if mistakes:
        raise WordsDocumentError("nothing was written:\n" + "\n".join(f"  {one}" for one in mistakes))
    return campaign, [path for part in parts if (path := _write(folder, campaign, part)) is not None]


def _parts(lines: Sequence[Line]) -> tuple[str, list[Part]]:
    campaign, parts = "", list[Part]()
    for line in lines:
        text = BRACED.sub(lambda found: found[0].translate(TYPED_QUOTES), " ".join(line.text.split()))
        key = KEY.search(text)
        if line.kind == "title" and key and not campaign:
            campaign = key[1]
        elif line.kind == "language" and key:
            parts.append(Part(key[1]))
        elif line.kind != "paragraph":
            raise WordsDocumentError(f"'{text}': a heading ends with its campaign or language, as in 'English [en]'")
        elif text and parts:
            _add(parts[-1], text)
    if not campaign or not parts:
        raise WordsDocumentError("this is no document of 'stillhere campaigns export': its headings are missing")
    return campaign, parts


def _add(part: Part, text: str) -> None:
    label, colon, rest = text.partition(":")
    name = next((name for name, word in FIELDS.items() if word.lower() == label.strip().lower()), None)
    if colon and name and name not in part.fields:
        part.fields[name] = rest.strip()
    else:
        part.paragraphs.append(text)


def _mistakes(part: Part, languages: Sequence[str]) -> Iterator[str]:
    at = part.language
    if at not in languages:
        yield f"{at}: no language of company.yml; add it to 'languages', or take the part out"
    if not part.fields.get("subject"):
        yield f"{at}, Subject: is missing"
    elif len(BRACED.sub("", part.fields["subject"])) > LONGEST_SUBJECT:
        yield f"{at}, Subject: '{part.fields['subject']}': more than {LONGEST_SUBJECT} characters"
    if not part.paragraphs:
        yield f"{at}: has no text"
    if bool(part.fields.get("button")) != bool(part.fields.get("button_url")):
        yield f"{at}: Button and Link belong together; give both or neither"
    named = {f"{at}, {FIELDS[name]}": text for name, text in part.fields.items()}
    named |= {f"{at}, paragraph {number}": text for number, text in enumerate(part.paragraphs, start=1)}
    for place, text in named.items():
        yield from (f"{place}: '{text}': {what}" for what in _of_a_text(text))


def _of_a_text(text: str) -> Iterator[str]:
    environment = words_environment()
    try:
        names = meta.find_undeclared_variables(environment.parse(text))
    except TemplateSyntaxError as error:
        yield f"{error.message}; a value is written {{{{ name }}}}"
        return
    for name in sorted(names - set(NAMES)):
        yield f"no such value: {name}; use one of: {', '.join(NAMES)}"


def _write(folder: Path, campaign: str, part: Part) -> Path | None:
    """Writes one language if its words are others than before."""
    path = folder / "campaigns" / campaign / f"{part.language}.md"
    if path.is_file() and _same(read_words(folder, campaign, part.language), part):
        return None
    head: Mapping[str, str] = {name: part.fields[name] for name in FIELDS if part.fields.get(name)}
    top = yaml.safe_dump(dict(head), allow_unicode=True, sort_keys=False, width=10_000)
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".unfinished")
    unfinished.write_text(f"---\n{top}---\n" + "\n\n".join(part.paragraphs) + "\n", encoding="utf-8")
    return unfinished.replace(path)


def _same(words: Words, part: Part) -> bool:
    before = {name: " ".join((getattr(words, name) or "").split()) for name in FIELDS}
    return before == {name: part.fields.get(name, "") for name in FIELDS} and list(words.paragraphs) == part.paragraphs


def _language_name(language: str) -> str:
    try:
        return Locale.parse(language).get_display_name("en") or language
    except (UnknownLocaleError, ValueError):
        return language
