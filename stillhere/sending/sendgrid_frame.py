"""One body for many mails: what they share, and per mail what differs.

SendGrid takes up to 1,000 people in a request, each with a subject of their own, and one content for all. A body of
one's own is possible only through substitutions: tags in the shared content, each with a value a person, at most 10,000
bytes a person. Whole mails are longer than that, so what all mails of a request have in common is found and written
once. Filling the tags gives every mail byte for byte; where it does not, or where too much differs, a mail goes alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

MARKUP = re.compile(r"<[^>]*>|[^<]+|<")
MOST_BYTES = 8_000
"""Of tags and values a person. The documents allow 10,000; some report refusals from 8,000 on."""
MOST_TAGS = 100
TAG = re.compile(r"-sh\d{3}-")


@dataclass(frozen=True)
class Frame:
    """Shared text and HTML with tags, and per mail the values that fill them."""

    text: str
    html: str
    values: tuple[Mapping[str, str], ...]


def shape_of(text: str, html: str) -> tuple[int, int]:
    """Mails of the same shape can share a frame: as many lines of text, as many pieces of markup."""
    return len(text.split("\n")), len(MARKUP.findall(html))


def frame_of(mails: Sequence[tuple[str, str]]) -> Frame | None:
    """The frame of some mails (text, HTML) of one shape, or None when they can't share one."""
    if any(TAG.search(part) for mail in mails for part in mail):
        return None
    texts = [text.split("\n") for text, _ in mails]
    marks = [MARKUP.findall(html) for _, html in mails]
    if len({(len(lines), len(pieces)) for lines, pieces in zip(texts, marks, strict=True)}) != 1:
        return None
    values: list[dict[str, str]] = [{} for _ in mails]
    text = "\n".join(_shared(column, values) for column in zip(*texts, strict=True))
    html = "".join(_shared(column, values) for column in zip(*marks, strict=True))
    frame = Frame(text, html, tuple(values))
    fits = len(values[0]) <= MOST_TAGS and all(_bytes(one) <= MOST_BYTES for one in values)
    exact = all((fill(frame.text, own), fill(frame.html, own)) == mail for own, mail in zip(values, mails, strict=True))
    return frame if fits and exact else None


def fill(shared: str, values: Mapping[str, str]) -> str:
    """What a provider makes of a shared text: each tag replaced by its value."""
    for tag, value in values.items():
        shared = shared.replace(tag, value)
    return shared


def _shared(column: Sequence[str], values: Sequence[dict[str, str]]) -> str:
    """One piece of all mails: itself where it is the same, else what its ends share around a new tag."""
    if len(set(column)) == 1:
        return column[0]
    head = _beginning(column)
    rests = [piece[len(head) :] for piece in column]
    tail = _beginning([rest[::-1] for rest in rests])[::-1]
    tag = f"-sh{len(values[0]):03}-"
    for own, rest in zip(values, rests, strict=True):
        own[tag] = rest[: len(rest) - len(tail)]
    return f"{head}{tag}{tail}"


def _beginning(pieces: Sequence[str]) -> str:
    """The characters that all begin with; between the first and the last in order lies nothing that differs earlier."""
    first, last = min(pieces), max(pieces)
    same = next((at for at, (one, other) in enumerate(zip(first, last, strict=False)) if one != other), len(first))
    return first[:same]


def _bytes(values: Mapping[str, str]) -> int:
    return sum(len(tag) + len(value.encode()) for tag, value in values.items())
