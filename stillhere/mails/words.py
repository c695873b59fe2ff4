"""A campaign's words, apart from the layout: `campaigns/<id>/<language>.md`.

A head between `---` lines (subject, preview, button, button_url), then the body; a blank line ends a paragraph.
`{{ name }}` is filled with a value of the night; a value that is missing holds the message, it never shows as a gap.
`{{ first_name | default("there") }}` says what stands for a missing one.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml
from jinja2 import StrictUndefined, TemplateSyntaxError, meta, nodes
from jinja2.sandbox import SandboxedEnvironment

from stillhere.settings import StillhereError

HEAD_KEYS = frozenset({"subject", "preview", "button", "button_url"})


class WordsError(StillhereError):
    """A campaign's words are missing or can't be read."""


@dataclass(frozen=True, slots=True)
class Words:
    """One campaign in one language, as written; the values it needs, and those for which it has a stand-in."""

    campaign: str
    language: str
    subject: str
    preview: str
    paragraphs: tuple[str, ...]
    button: str | None
    button_url: str | None
    names: frozenset[str]
    optional_names: frozenset[str] = frozenset()


def words_environment() -> SandboxedEnvironment:
    """Jinja without access to anything but values: a template is text by a marketer, not a program."""
    return SandboxedEnvironment(undefined=StrictUndefined, autoescape=False, keep_trailing_newline=False)


def read_words(folder: Path, campaign: str, language: str) -> Words:
    """The words of a campaign in a language. Raises WordsError naming the file and what is wrong with it."""
    path = folder / "campaigns" / campaign / f"{language}.md"
    shown = f"campaigns/{campaign}/{language}.md"
    if not path.is_file():
        raise WordsError(f"{shown}: not found; write it, or take {language!r} out of company.yml, languages")
    head, body = _split(path.read_text(encoding="utf-8"), shown)
    unknown = sorted(set(head) - HEAD_KEYS)
    if unknown:
        raise WordsError(f"{shown}: unknown {', '.join(unknown)} in its head; known are {', '.join(sorted(HEAD_KEYS))}")
    if not head.get("subject") or not body:
        raise WordsError(f"{shown}: needs a subject in its head and a body below it")
    if bool(head.get("button")) != bool(head.get("button_url")):
        raise WordsError(f"{shown}: button and button_url belong together; give both or neither")
    parts = (head["subject"], head.get("preview", ""), body, head.get("button", ""), head.get("button_url", ""))
    needed, optional = _names("\n".join(parts), shown)
    return Words(
        campaign=campaign,
        language=language,
        subject=head["subject"],
        preview=head.get("preview", ""),
        paragraphs=tuple(" ".join(part.split()) for part in body.split("\n\n") if part.strip()),
        button=head.get("button"),
        button_url=head.get("button_url"),
        names=needed,
        optional_names=optional,
    )


def languages_of(folder: Path, campaign: str) -> tuple[str, ...]:
    """The languages in which a campaign has words."""
    return tuple(sorted(file.stem for file in (folder / "campaigns" / campaign).glob("*.md")))


def words_for(folder: Path, campaign: str, language: str, fallback: str) -> Words:
    """The words in a language, or in the company's own where that language has none."""
    has_own = (folder / "campaigns" / campaign / f"{language}.md").is_file()
    return read_words(folder, campaign, language if has_own else fallback)


def _split(text: str, shown: str) -> tuple[dict[str, str], str]:
    parts = text.replace("\r\n", "\n").split("---\n", 2)
    if len(parts) != 3 or parts[0].strip():
        raise WordsError(f"{shown}: must begin with a head between two lines of ---")
    try:
        head = yaml.safe_load(parts[1]) or {}
    except yaml.YAMLError as error:
        raise WordsError(
            f"{shown}: its head is no YAML ({getattr(error, 'problem', error)}); quote a text with a colon"
        ) from error
    return {str(name): str(value) for name, value in head.items()}, parts[2].strip()


def _names(text: str, shown: str) -> tuple[frozenset[str], frozenset[str]]:
    """Names that must have a value, and those that stand only where a default does."""
    try:
        parsed = words_environment().parse(text)
    except TemplateSyntaxError as error:
        raise WordsError(f"{shown}: {error.message}; a value is written {{{{ name }}}}") from error
    filled = meta.find_undeclared_variables(parsed)
    with_default = {id(one.node) for one in parsed.find_all(nodes.Filter) if one.name in ("default", "d")}
    needed = {one.name for one in parsed.find_all(nodes.Name) if id(one) not in with_default and one.name in filled}
    return frozenset(needed), frozenset(filled - needed)
