"""Opens a log's file as the view `export`: Parquet, or text in any of the shapes that exports come in."""

from __future__ import annotations

import csv
import gzip
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO

import duckdb

from stillhere.settings import StillhereError

DELIMITERS = {",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "a bar"}
TEXTS = (".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz", ".txt.gz")
GZIP, PARQUET = b"\x1f\x8b", b"PAR1"
NOT_READ = {b"PK": "a spreadsheet or zip file", b"\xff\xfe": "UTF-16 text", b"\xfe\xff": "UTF-16 text"}
NO_LETTER = "\ufffd"
SEPARATOR_LINE = re.compile(r'"?sep=.?"?', re.IGNORECASE)
"""Above the heading: how a spreadsheet is told what parts the columns."""
UNPACKED_AT_ONCE = 1 << 22
LONGEST_RECORD = 2_000_000
"""Characters; as many as the engine takes for a row."""


class EventLogError(StillhereError):
    """The file or its columns are not what the command line says: a usage error."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class OpenLog:
    """The view's columns with their types, and how to find a row of it again in the file."""

    path: Path
    kinds: dict[str, str]
    delimiter: str | None = None
    """None: not a text file."""

    def places(self, rows: Sequence[int]) -> str:
        """Where data rows (counted from 1) lie, in words: by line in a text file, whatever lines its values span."""
        if self.delimiter is None:
            return f"row{'s' if len(rows) > 1 else ''} {', '.join(map(str, rows))}"
        lines, wanted = [], set(rows)
        with _text(self.path) as file:
            for row, line in islice(_records(file, self.delimiter), max(rows) + 1):
                if row in wanted:
                    lines.append(str(line))
        return f"line{'s' if len(lines) > 1 else ''} {', '.join(lines)}"


def open_log(connection: duckdb.DuckDBPyConnection, path: Path) -> OpenLog:
    """Makes the view. Text files are text, whatever their values look like.

    A type guessed from the values could change with rows that come later. Raises EventLogError with what is wrong and
    on which line.
    """
    if not path.name.lower().endswith((".parquet", *TEXTS)):
        raise EventLogError(f"{path}: --events reads .parquet, {', '.join(TEXTS[:-1])} and {TEXTS[-1]} files")
    if not path.is_file():
        raise EventLogError(f"{path}: no such file")
    with path.open("rb") as file:
        head = file.read(4)
    if not head:
        raise EventLogError(f"{path}: the file is empty")
    for magic, what in NOT_READ.items():
        if head.startswith(magic):
            raise EventLogError(f"{path}: is {what}; save it as CSV in UTF-8")
    if head == PARQUET or path.suffix.lower() == ".parquet":
        return OpenLog(path, _view(connection, path, "read_parquet(?)"))
    if head.startswith(GZIP):
        _check_packed(path)
    blank_lines, heading, delimiter = _heading(path)
    packed = "gzip" if head.startswith(GZIP) else "none"
    columns = ", ".join(f"{_literal(name)}: 'VARCHAR'" for name in heading)
    options = (
        f"auto_detect = false, header = true, skip = {blank_lines}, delim = {_literal(delimiter)}, "
        "quote = '\"', escape = '\"', "
        f"compression = '{packed}', max_line_size = {LONGEST_RECORD}, columns = {{{columns}}}"
    )
    return OpenLog(path, _view(connection, path, f"read_csv(?, {options})"), delimiter)


def reading_error(path: Path, error: duckdb.Error) -> EventLogError:
    """What the engine found wrong while it read, with the line where it says one."""
    said = str(error)
    line = re.search(r"CSV Error on Line: (\d+)", said)
    where = f"{path}, line {line[1]}: " if line else f"{path}: "
    counts = re.search(r"Expected Number of Columns: (\d+) Found: (\d+)", said)
    if counts:
        found = f"{counts[2]} value{'' if counts[2] == '1' else 's'}"
        what = f"has {found} where the heading has {counts[1]} columns; mend the line, or quote the value"
        return EventLogError(f"{where}{what} that holds the delimiter")
    if "not utf-8" in said.lower() or "invalid unicode" in said.lower():
        return EventLogError(f"{where}is not UTF-8; save the file as CSV in UTF-8")
    if "unterminated quote" in said:
        return EventLogError(f'{where}a value begins with a quote (") that is never closed')
    if "invalid state" in said:
        return EventLogError(f"{where}is no regular CSV: do all of its lines end the same way, are all quotes closed?")
    return EventLogError(f"{where}can't be read: {said.splitlines()[0]}")


def _view(connection: duckdb.DuckDBPyConnection, path: Path, reader: str) -> dict[str, str]:
    try:
        connection.sql(f"select * from {reader}", params=[str(path)]).create_view("export")
        described = connection.execute("describe export").fetchall()
    except duckdb.Error as error:
        raise reading_error(path, error) from None
    return {str(row[0]): str(row[1]) for row in described}


def _check_packed(path: Path) -> None:
    """Raises EventLogError unless the whole file unpacks: the engine takes a cut-off one for a short one."""
    try:
        with gzip.open(path, "rb") as file:
            while file.read(UNPACKED_AT_ONCE):
                pass
    except (OSError, EOFError, zlib.error) as error:
        raise EventLogError(f"{path}: can't be unpacked: {error}; was it copied whole?") from None


def _heading(path: Path) -> tuple[int, list[str], str]:
    """Lines above the heading (blank, or `sep=;`), names of the columns, and what stands between them.

    That is whichever delimiter parts the heading most often.
    """
    blank_lines = 0
    with _text(path) as file:
        first = file.readline()
        while first and (not first.strip() or SEPARATOR_LINE.fullmatch(first.strip())):
            blank_lines, first = blank_lines + 1, file.readline()
    if NO_LETTER in first:
        raise EventLogError(f"{path}: its heading is not UTF-8; save the file as CSV in UTF-8")
    parted = {one: next(csv.reader([first], delimiter=one), []) for one in DELIMITERS}
    delimiter = max(parted, key=lambda one: len(parted[one]))
    names = [name.strip() for name in parted[delimiter]]
    if len(names) < 2:
        known = ", ".join(DELIMITERS.values())
        raise EventLogError(f"{path}: the first line names one column only; columns are parted by {known}")
    named = [name or f"column_{at}" for at, name in enumerate(names, 1)]
    twice = {name for name in named if [one.lower() for one in named].count(name.lower()) > 1}
    if twice:
        raise EventLogError(f"{path}: the heading names {', '.join(sorted(twice))} more than once; rename one")
    return blank_lines, named, delimiter


def _text(path: Path) -> IO[str]:
    """The file as text, unpacked, without a byte-order mark; bytes that are not UTF-8 become `NO_LETTER`."""
    with path.open("rb") as file:
        is_packed = file.read(2) == GZIP
    if is_packed:
        return gzip.open(path, "rt", encoding="utf-8-sig", errors="replace", newline="")
    return path.open(encoding="utf-8-sig", errors="replace", newline="")


def _records(file: IO[str], delimiter: str) -> Iterator[tuple[int, int]]:
    """Number of each record (0 for the heading) and the line it begins on; blank lines are none, as for the engine."""
    csv.field_size_limit(LONGEST_RECORD)
    reader, row, begins = csv.reader(file, delimiter=delimiter), 0, 1
    for record in reader:
        if record and not SEPARATOR_LINE.fullmatch(delimiter.join(record)):
            yield row, begins
            row += 1
        begins = reader.line_num + 1


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
