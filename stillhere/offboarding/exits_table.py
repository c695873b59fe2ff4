"""A CSV export of exits as rows of our columns, whatever its own headings, delimiter and encoding."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from stillhere.lists.sheets import harmed_back
from stillhere.settings import StillhereError

COLUMNS = ("account_id", "left_at", "ends_at", "reason", "comment", "may_quote", "kind", "outcome", "offer")
NEEDED = ("account_id", "left_at")
DELIMITERS = ",;\t|"

PAIR = re.compile(r'\s*(?P<ours>\w+)\s*=\s*(?:"(?P<quoted>[^"]+)"|(?P<plain>[^",\s][^",]*))\s*')
ONE = re.sub(r"\?P<\w+>", "?:", PAIR.pattern)
PAIRS = re.compile(f"{ONE}(?:,{ONE})*")

Row = Mapping[str, str]
"""Every column of COLUMNS; empty where the file has none."""


class ExitsImportError(StillhereError):
    """The file can't be read, or rows of it; `mistakes` holds one line each. Nothing was taken."""

    exit_code = 2

    def __init__(self, mistakes: Sequence[str]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(mistakes))


@dataclass(frozen=True)
class Table:
    """A file's name and its rows, each with its number as a spreadsheet shows it."""

    name: str
    rows: tuple[tuple[int, Row], ...]


def pairs(option: str, given: Iterable[str], *, many: bool = False) -> dict[str, str]:
    """`account_id=Customer,left_at="Cancelled on"` as ours to theirs, or, with `many`, theirs to ours.

    With `many` one of ours may stand for several of theirs. Raises ExitsImportError.
    """
    found: dict[str, str] = {}
    for text in given:
        if not PAIRS.fullmatch(text):
            raise ExitsImportError([f'{option}: {text!r} are no pairs; write ours=theirs, or ours="theirs, in quotes"'])
        for pair in PAIR.finditer(text):
            ours, theirs = pair["ours"], (pair["quoted"] or pair["plain"] or "").strip()
            key, value = (theirs, ours) if many else (ours, theirs)
            if found.setdefault(key, value) != value:
                raise ExitsImportError([f"{option}: {key!r} is given twice; keep one of them"])
    return found


def read_table(path: Path, columns: Mapping[str, str]) -> Table:
    """The rows of a file; `columns` is ours to its heading, and where it says nothing the heading is ours.

    Capitals and spaces around a heading don't matter. Raises ExitsImportError naming the headings there are.
    """
    strange = [name for name in columns if name not in COLUMNS]
    if strange:
        raise ExitsImportError([f"--columns: {', '.join(strange)} is no column; use some of: {', '.join(COLUMNS)}"])
    heads, rows = _cells(path)
    places = _places(path.name, heads, columns)
    return Table(
        path.name,
        tuple(
            (number, {name: _cell(row, places.get(name)) for name in COLUMNS})
            for number, row in enumerate(rows, start=2)
            if any(cell.strip() for cell in row)
        ),
    )


def _places(file: str, heads: Sequence[str], columns: Mapping[str, str]) -> dict[str, int]:
    at: dict[str, int] = {}
    for place, head in enumerate(heads):
        at.setdefault(_plain(head), place)
    places: dict[str, int] = {}
    mistakes: list[str] = []
    headings = ", ".join(head for head in heads if head.strip()) or "none"
    for name in COLUMNS:
        heading = _plain(columns.get(name, name))
        found = at.get(heading, at.get(heading.replace("_", " ")))
        if found is not None:
            places[name] = found
        elif name in columns:
            mistakes.append(f"{file}: there is no column {columns[name]!r} for {name}; its columns are: {headings}")
        elif name in NEEDED:
            mistakes.append(
                f'{file}: which column is {name}? Say it with --columns {name}="heading"; its columns are: {headings}'
            )
    if mistakes:
        raise ExitsImportError(mistakes)
    return places


def _cells(path: Path) -> tuple[list[str], list[list[str]]]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ExitsImportError([f"{path}: not readable ({error.strerror}); check the name"]) from error
    if content.startswith(b"PK"):
        raise ExitsImportError(
            [f"{path.name}: this is a workbook or an archive; save the sheet as CSV and import that"]
        )
    text = _decoded(content)
    first = text.partition("\n")[0]
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=max(DELIMITERS, key=first.count)))
    except csv.Error as error:
        raise ExitsImportError([f"{path.name}: this is no CSV file ({error})"]) from error
    if len(rows) < 2:
        raise ExitsImportError([f"{path.name}: there are no rows below a heading; export the exits as CSV with one"])
    return rows[0], rows[1:]


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        # A spreadsheet on Windows saves in its own code page; every byte of this one is a character.
        return content.decode("cp1252", errors="replace")


def _cell(row: Sequence[str], place: int | None) -> str:
    return harmed_back(row[place].strip()) if place is not None and place < len(row) else ""


def _plain(heading: str) -> str:
    return " ".join(heading.lower().split())
