"""Reads the old provider's list of people who must not be written to: unsubscribes, bounces, complaints.

Every provider exports another table. The column of addresses is the one whose cells are addresses; reasons and days are
taken from columns named like one, and what is not said falls back to the file's own name.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Literal

import charset_normalizer

from stillhere.operations.stops import Suppression
from stillhere.settings import StillhereError

StopReason = Literal["unsubscribed", "bounce", "complaint"]

ADDRESS = re.compile(r"[^@\s<>,;\"']+@[^@\s<>,;\"']+\.[^@\s<>,;\"']+")
LONGEST_ADDRESS = 320
MOST_ARE_ADDRESSES = 0.5
DELIMITERS = ",;\t|"
ADDRESS_COLUMNS = ("email", "e-mail", "email address", "recipient", "to", "address", "mail")
REASON_COLUMNS = ("type", "event", "status", "suppression_reason", "reason", "category", "list")
DAY_COLUMNS = ("created", "created_at", "date", "timestamp", "time", "unsubscribed_at", "unsub_time", "optout_time")
# Looked for in this order: "unsubscribed after spam complaint" is a complaint.
REASON_SIGNS: tuple[tuple[StopReason, tuple[str, ...]], ...] = (
    ("complaint", ("complain", "spam", "abuse")),
    ("bounce", ("bounce", "invalid", "undeliver", "cleaned", "block", "does not exist", "no such user")),
    ("unsubscribed", ("unsub", "opt", "group", "stop", "abmeld")),
)
NEWEST_EPOCH_SECONDS = 10**11
"""A number beyond this counts milliseconds."""


class StopsFileError(StillhereError):
    """A file of stops can't be read; nothing was taken from it."""

    exit_code = 2


@dataclass(frozen=True)
class StopsFile:
    """What a file says: one stop an address, the column it was read from, and rows without an address."""

    stops: tuple[Suppression, ...]
    column: str
    rows: int
    without_address: int
    import_id: str

    @property
    def by_reason(self) -> dict[str, int]:
        """Addresses by reason."""
        return dict(sorted(Counter(stop.reason for stop in self.stops).items()))


def read_stops(path: Path, today: date, reason: StopReason | None = None) -> StopsFile:
    """The stops of a CSV file, addresses normalised (trimmed, lower case), each once.

    `reason`, where given, holds for all. Raises StopsFileError saying what was looked for.
    """
    content = _content(path)
    table = _table(content)
    if not table:
        raise StopsFileError(f"{path.name}: the file is empty; if there is nothing to import, use 'suppress none'")
    at = _address_column(table, path)
    has_head = _address(table[0][at]) is None
    heads = [cell.strip().lower() for cell in table[0]] if has_head else []
    rows = table[1:] if has_head else table
    reason_at, day_at = _named(heads, REASON_COLUMNS, at), _named(heads, DAY_COLUMNS, at)
    fallback = reason or _reason_in(path.stem) or "unsubscribed"
    stops: dict[str, Suppression] = {}
    missing = 0
    for row in rows:
        email = _address(_cell(row, at))
        if email is None:
            missing += 1
            continue
        found = reason or _reason_in(_cell(row, reason_at)) or fallback
        since = _day(_cell(row, day_at)) or today
        stops.setdefault(email, Suppression(email, found, min(since, today), f"import: {path.name}"[:64]))
    name = heads[at] if has_head else f"column {at + 1}"
    return StopsFile(tuple(stops.values()), name, len(rows), missing, hashlib.sha256(content).hexdigest())


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise StopsFileError(f"{path}: can't be read ({error.strerror}); nothing was taken") from error


def _table(content: bytes) -> list[list[str]]:
    if content.startswith(b"PK"):
        raise StopsFileError("this is a workbook or an archive; save the sheet as CSV and import that")
    text = _decoded(content)
    sample = "\n".join(text.splitlines()[:20])
    counts = {delimiter: sample.count(delimiter) for delimiter in DELIMITERS}
    delimiter = max(DELIMITERS, key=lambda one: counts[one])
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise StopsFileError(f"this is no CSV file ({error}); nothing was taken") from error
    return [row for row in rows if any(cell.strip() for cell in row)]


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        best = charset_normalizer.from_bytes(content).best()
        return str(best) if best else content.decode("latin-1")


def _address_column(table: Sequence[Sequence[str]], path: Path) -> int:
    width = max(len(row) for row in table)
    shares = [sum(_address(_cell(row, at)) is not None for row in table) / len(table) for at in range(width)]
    named = [_cell(table[0], at).strip().lower() in ADDRESS_COLUMNS for at in range(width)]
    best = max(range(width), key=lambda at: (shares[at], named[at]))  # a sender's address may stand in every row too
    # A file of one row below its head has half of its cells as addresses.
    if shares[best] < MOST_ARE_ADDRESSES:
        raise StopsFileError(
            f"{path.name}: no column holds mail addresses in most of its {len(table)} rows; export the provider's "
            "unsubscribes and bounces as CSV with one address a row. Nothing was taken"
        )
    return best


def _named(heads: Sequence[str], names: Sequence[str], address_at: int) -> int | None:
    places = {head.replace(" ", "_"): at for at, head in enumerate(heads) if at != address_at}
    return next((places[name] for name in names if name in places), None)


def _cell(row: Sequence[str], at: int | None) -> str:
    return row[at] if at is not None and at < len(row) else ""


def _address(text: str) -> str | None:
    """The one address in a cell like `Ada <ada@x.example>`, normalised."""
    found = ADDRESS.findall(text)
    return found[0].lower() if len(found) == 1 and len(found[0]) <= LONGEST_ADDRESS else None


def _reason_in(text: str) -> StopReason | None:
    lowered = text.lower()
    return next((reason for reason, signs in REASON_SIGNS if any(sign in lowered for sign in signs)), None)


def _day(text: str) -> date | None:
    """A day written as ISO or as seconds or milliseconds since 1970; anything else is not guessed at."""
    stripped = text.strip()
    try:
        if re.fullmatch(r"\d{9,13}(\.\d+)?", stripped):
            seconds = float(stripped)
            return datetime.fromtimestamp(seconds / 1000 if seconds > NEWEST_EPOCH_SECONDS else seconds, UTC).date()
        return datetime.fromisoformat(stripped.replace("Z", "+00:00")).date() if stripped else None
    except (ValueError, OverflowError, OSError):
        return None
