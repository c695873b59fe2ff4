"""A mail's HTML from the company's MJML layout. The layout is rendered once a shape; after that only values are filled.

Rendering MJML takes milliseconds a mail, filling microseconds. Whether filling gives the very bytes that rendering
would is tried out for each shape, with values that need escaping; a layout for which it does not is rendered each time.
In an attribute (a link, the label read aloud) mrml spoils a no-break space, writing \\u{a0}; filling does not.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import mrml
from jinja2 import Environment, StrictUndefined, Template
from markupsafe import escape

LAYOUT = Path("templates") / "layout.mjml"
SLOT = re.compile(r"stillhereslot(\d{3})x")
NASTY = """ a&b <c> "d' é&amp;z"""
"""What needs escaping in a text or in an attribute, and must come out as rendering would have it."""


@dataclass(frozen=True, slots=True)
class Filling:
    """What a layout shows: texts as they are, not escaped. `button` is label and URL."""

    language: str
    subject: str
    preview: str
    paragraphs: tuple[str, ...]
    button: tuple[str, str] | None
    why: str
    stop_label: str
    stop_url: str | None
    company_name: str
    postal_address: str

    @property
    def slots(self) -> list[str]:
        """The texts that differ from mail to mail; an empty one is no slot, for a layout may leave it out."""
        return [text for text in self._texts() if text]

    @property
    def shape(self) -> Shape:
        """What stays the same in every mail with as many texts in the same places."""
        there = tuple(map(bool, self._texts()))
        fixed = (self.language, self.stop_label, self.company_name, self.postal_address)
        return Shape(there, len(self.paragraphs), self.button is not None, *fixed)

    def _texts(self) -> tuple[str, ...]:
        return (self.subject, self.preview, *self.paragraphs, *(self.button or ()), self.why, self.stop_url or "")


@dataclass(frozen=True, slots=True)
class Shape:
    """Mails that differ by nothing but the texts in their slots. `is_there` says which texts of a mail are slots."""

    is_there: tuple[bool, ...]
    paragraphs: int
    has_button: bool
    language: str
    stop_label: str
    company_name: str
    postal_address: str

    def filling(self, slots: Sequence[str]) -> Filling:
        """A mail of this shape, by the texts in its slots."""
        left = iter(slots)
        subject, preview, *others = [next(left) if there else "" for there in self.is_there]
        count = self.paragraphs
        return Filling(
            language=self.language,
            subject=subject,
            preview=preview,
            paragraphs=tuple(others[:count]),
            button=(others[count], others[count + 1]) if self.has_button else None,
            why=others[-2],
            stop_label=self.stop_label,
            stop_url=others[-1] or None,
            company_name=self.company_name,
            postal_address=self.postal_address,
        )


@dataclass(frozen=True, slots=True)
class Layout:
    """The company's MJML layout, read once a night."""

    source: str

    @classmethod
    def of(cls, company_folder: Path) -> Layout:
        """The layout of a company, or the stock one when it has none."""
        own = company_folder / LAYOUT
        stock = Path(__file__).parent / "layout.mjml"
        return cls((own if own.is_file() else stock).read_text(encoding="utf-8"))

    def html(self, filling: Filling) -> str:
        """The mail's HTML. Raises what MJML or the template raise for a layout that can't be read."""
        frame = _frame(self.source, filling.shape)
        return rendered(self.source, filling) if frame is None else _filled(frame, filling.slots)


def rendered(source: str, filling: Filling) -> str:
    """The mail's HTML, rendered by MJML."""
    button = {"label": filling.button[0], "url": filling.button[1]} if filling.button else None
    mjml = _template(source).render(
        language=filling.language,
        subject=filling.subject,
        preview=filling.preview,
        paragraphs=filling.paragraphs,
        button=button,
        why=filling.why,
        stop_label=filling.stop_label,
        stop_url=filling.stop_url,
        company_name=filling.company_name,
        postal_address=filling.postal_address,
    )
    made: str = mrml.to_html(mjml).content
    # So that it is read aloud in its own language; a layout may name one itself, as <mjml lang="…">.
    return made.replace('lang="und"', f'lang="{html.escape(filling.language)}"')


Frame = tuple[str | int, ...]
"""Pieces of HTML and the numbers of the slots between them."""


def _marks(count: int) -> list[str]:
    return [f"stillhereslot{at:03d}x" for at in range(count)]


@lru_cache(maxsize=256)
def _frame(source: str, shape: Shape) -> Frame | None:
    """The rendered layout with its slots open; None where filling would not give what rendering gives."""
    count = sum(shape.is_there)
    pieces = SLOT.split(rendered(source, shape.filling(_marks(count))))
    frame = tuple(int(piece) if at % 2 else piece for at, piece in enumerate(pieces))
    probe = [f"{at}{NASTY}{at}" for at in range(count)]
    return frame if _filled(frame, probe) == rendered(source, shape.filling(probe)) else None


def _filled(frame: Frame, slots: Sequence[str]) -> str:
    escaped = [escape(text) for text in slots]
    return "".join([escaped[piece] if isinstance(piece, int) else piece for piece in frame])


@lru_cache(maxsize=16)
def _template(source: str) -> Template:
    return Environment(autoescape=True, undefined=StrictUndefined).from_string(source)
