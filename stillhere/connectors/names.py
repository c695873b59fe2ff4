"""Column names in raw: dlt's snake case, with accents written out first so that German stays readable."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable

GERMAN = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss", "ø": "o", "Ø": "O"}
)
# dlt's own replacements: -, +, *, @ and | are read as these.
AS_DLT = str.maketrans("+-*@|", "x_xal")


def raw_column(heading: str) -> str:
    """The column of the raw table that a vendor's heading becomes; the same for a name that already is one.

    ASCII identifiers become exactly what dlt makes of them. Punctuation at the end is dropped, and a heading without
    any Latin letter or digit becomes a short hash, which stays the same when columns move.
    """
    text = heading.translate(GERMAN)
    text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    text = re.sub(r"[^A-Za-z0-9_]+$", "", text.strip())
    text = re.sub(r"[^A-Za-z0-9_]+", "_", text.translate(AS_DLT))
    text = re.sub(r"([^_])([A-Z][a-z]+)", r"\1_\2", text)
    text = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", text).lower()
    text = re.sub(r"_+", "_", text).rstrip("_")
    if not text:
        return "column_" + hashlib.blake2s(heading.encode(), digest_size=4).hexdigest()
    return f"_{text}" if text[0].isdigit() else text


def raw_columns(headings: Iterable[str]) -> list[str]:
    """The raw columns of all headings of one table; a name that comes twice gets a number from the second on."""
    names: list[str] = []
    for heading in headings:
        name = base = raw_column(heading)
        number = 2
        while name in names:
            name = f"{base}_{number}"
            number += 1
        names.append(name)
    return names
