"""A mail's HTML from the company's MJML layout. The layout is rendered once a shape; after that only values are filled.

Rendering MJML takes milliseconds a mail, filling microseconds. Whether filling gives the very bytes that rendering
would is tried out for each shape, with values that need escaping; a layout for which it does not is rendered each time.
In an attribute (a link, the label read aloud) mrml spoils a no-break space, writing \\u{a0}; filling does not.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
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

    def with_slots(self, slots: Sequence[str]) -> Filling:
        """The same shape with other texts in its slots."""
        left = iter(slots)
        subject, preview, *others = [next(left) if text else text for text in self._texts()]
        count = len(self.paragraphs)
        button = (others[count], others[count + 1]) if self.button else None
        return replace(
            self,
            subject=subject,
            preview=preview,
            paragraphs=tuple(others[:count]),
            button=button,
            why=others[-2],
            stop_url=others[-1] or None,
        )

    def _texts(self) -> tuple[str, ...]:
        return (self.subject, self.preview, *self.paragraphs, *(self.button or ()), self.why, self.stop_url or "")


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
        slots = filling.slots
        frame = _frame(self.source, filling.with_slots(_marks(len(slots))))
        return rendered(self.source, filling) if frame is None else _filled(frame, slots)


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
    return made.replace("<html ", f'<html lang="{html.escape(filling.language)}" ', 1)


Frame = tuple[str | int, ...]
"""Pieces of HTML and the numbers of the slots between them."""


def _marks(count: int) -> list[str]:
    return [f"stillhereslot{at:03d}x" for at in range(count)]


@lru_cache(maxsize=256)
def _frame(source: str, marked: Filling) -> Frame | None:
    """The rendered layout with its slots open; None where filling would not give what rendering gives."""
    pieces = SLOT.split(rendered(source, marked))
    frame = tuple(int(piece) if at % 2 else piece for at, piece in enumerate(pieces))
    probe = [f"{at}{NASTY}{at}" for at in range(len(marked.slots))]
    same = _filled(frame, probe) == rendered(source, marked.with_slots(probe))
    return frame if same else None


def _filled(frame: Frame, slots: Sequence[str]) -> str:
    escaped = [str(escape(text)) for text in slots]
    return "".join(escaped[piece] if isinstance(piece, int) else piece for piece in frame)


@lru_cache(maxsize=16)
def _template(source: str) -> Template:
    return Environment(autoescape=True, undefined=StrictUndefined).from_string(source)
