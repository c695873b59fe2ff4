"""Reads a call list that people have filled in: CSV as any spreadsheet saves it, or XLSX.

Either every row that is filled in can be read, or nothing is taken and all mistakes are told at once.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from stillhere.lists.call_list import CALL_OUTCOMES
from stillhere.lists.sheets import harmed_back
from stillhere.operations.tasks import CallOutcome
from stillhere.settings import StillhereError

KEYS = ("night", "account_id", "campaign")
HEADINGS = {"called on (yyyy-mm-dd)": "called_on"}
"""Headings of the XLSX that differ from the CSV's by more than spaces and capitals."""

KnownCalls = Callable[[date], Container[tuple[str, str]] | None]
"""Campaign and account of the calls that a night decided on; None where that night is not kept any more."""


class CallsImportError(StillhereError):
    """The file can't be read, or rows of it; `mistakes` holds one line each."""

    exit_code = 2

    def __init__(self, mistakes: Sequence[str]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(mistakes))


@dataclass(frozen=True)
class ReadCalls:
    """Outcomes in the order of the file, and how many rows nobody has filled in yet."""

    outcomes: tuple[CallOutcome, ...]
    not_filled_in: int


def read_calls(path: Path, today: date, known: KnownCalls) -> ReadCalls:
    """Reads a filled-in call list; a call without a day was made `today`. Raises CallsImportError."""
    rows = _read_xlsx(path) if path.suffix.lower() == ".xlsx" else _read_csv(path)
    missing = [name for name in (*KEYS, "outcome") if rows and name not in rows[0][1]]
    if missing or not rows:
        what = f"columns {', '.join(missing)} are missing" if missing else "there are no rows"
        raise CallsImportError([f"{path.name}: {what}; fill in the calls.csv or calls.xlsx of a night and import that"])
    outcomes: dict[tuple[date, str, str], CallOutcome] = {}
    mistakes: list[str] = []
    filled_in = [(number, row) for number, row in rows if _text(row, "outcome")]
    for number, row in filled_in:
        read = _outcome(row, today, known)
        if isinstance(read, CallOutcome):
            key = (read.as_of, read.account_id, read.campaign)
            if key in outcomes:
                mistakes.append(f"{path.name}, row {number}: this call is in the file twice; keep one of the rows")
            outcomes[key] = read
        else:
            mistakes += [f"{path.name}, row {number}: {mistake}" for mistake in read]
    if mistakes:
        raise CallsImportError(mistakes)
    return ReadCalls(tuple(outcomes.values()), len(rows) - len(filled_in))


Row = dict[str, Any]


def _outcome(row: Row, today: date, known: KnownCalls) -> CallOutcome | list[str]:
    mistakes = [f"{name} is empty; copy it from the night's call list" for name in KEYS if not _text(row, name)]
    outcome = " ".join(_text(row, "outcome").lower().split())
    if outcome not in CALL_OUTCOMES:
        mistakes.append(f"outcome {_text(row, 'outcome')!r} is not known; use one of: {', '.join(CALL_OUTCOMES)}")
    called_on = _day(row.get("called_on")) if _text(row, "called_on") else today
    if called_on is None:
        mistakes.append(f"called_on {_text(row, 'called_on')!r} is no day; write it as YYYY-MM-DD")
    elif called_on > today:
        mistakes.append(f"called_on {called_on} is after today, {today}; write the day of the call")
    night, account_id, campaign = _day(row.get("night")), _text(row, "account_id"), _text(row, "campaign")
    if night is None and _text(row, "night"):
        mistakes.append(f"night {_text(row, 'night')!r} is no day; copy it from the night's call list")
    if night is not None and (calls := known(night)) is not None and (campaign, account_id) not in calls:
        mistakes.append(
            f"the night of {night} has no call of {campaign!r} to {account_id!r}; copy both from its call list"
        )
    if mistakes or called_on is None or night is None:
        return mistakes
    return CallOutcome(account_id, campaign, night, outcome, _text(row, "note"), called_on)


def _text(row: Row, name: str) -> str:
    value = row.get(name)
    return "" if value is None else harmed_back(str(value).strip())


def _day(value: Any) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    for pattern in ("%Y-%m-%d", "%d.%m.%Y"):
        try:
            return datetime.strptime(str(value).strip(), pattern).date()  # noqa: DTZ007 # a day has no zone
        except ValueError:
            continue
    return None


def _read_csv(path: Path) -> list[tuple[int, Row]]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CallsImportError([f"{path}: not readable ({error.strerror}); check the name"]) from error
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        # A spreadsheet on Windows saves in its own code page; every byte of this one is a character.
        text = content.decode("cp1252", errors="replace")
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    return _named(rows)


def _read_xlsx(path: Path) -> list[tuple[int, Row]]:
    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except (OSError, InvalidFileException, zipfile.BadZipFile, KeyError) as error:
        raise CallsImportError([f"{path}: not readable as XLSX; save it again or import the CSV"]) from error
    try:
        return _named([list(row) for row in book.worksheets[0].iter_rows(values_only=True)])
    finally:
        book.close()


def _named(rows: Sequence[Sequence[Any]]) -> list[tuple[int, Row]]:
    """Rows by column name with their number as a spreadsheet shows it; empty ones are left out."""
    if not rows:
        return []
    names = [_column_name(str(heading or "")) for heading in rows[0]]
    named = [(number, dict(zip(names, row, strict=False))) for number, row in enumerate(rows[1:], start=2)]
    return [(number, row) for number, row in named if any(str(cell or "").strip() for cell in row.values())]


def _column_name(heading: str) -> str:
    plain = " ".join(heading.lower().split())
    return HEADINGS.get(plain, plain.replace(" ", "_"))
