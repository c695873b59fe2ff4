"""How a file is written: its kind, and for CSV the encoding, delimiter and quotes."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from stillhere.settings import StillhereError
from stillhere.settings.sources import CsvFormat

KINDS = {
    ".csv": "csv",
    ".txt": "csv",
    ".tsv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".pq": "parquet",
}
DELIMITERS = (",", ";", "\t", "|")
SAMPLE_BYTES = 512 * 1024
SAMPLE_RECORDS = 200
MOST_LINES_ABOVE = 20  # further down it is no title any more
SEPARATOR = re.compile(r'^"?sep=(.)"?\r?\n', re.IGNORECASE)  # how spreadsheets are told the delimiter
# Encodings that exports really come in; the Western one is written cp1252 even where a file has nothing beyond Latin-1.
ENCODINGS = ["cp1252", "iso8859_15", "cp1250", "iso8859_2", "cp1251", "cp1253", "cp1254", "cp850", "mac_roman"]
WESTERN = {"latin_1", "iso8859_1", "cp1252", "ascii"}


class UnreadableError(StillhereError):
    """A file that cannot be understood; the text says what to do."""


@dataclass(frozen=True, slots=True)
class FileShape:
    """A file's kind and, for CSV, its format."""

    kind: str
    csv: CsvFormat

    def __str__(self) -> str:
        if self.kind != "csv":
            return {"jsonl": "JSON lines", "parquet": "Parquet"}[self.kind]
        named = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}[self.csv.delimiter]
        return f"CSV, {named}, {self.csv.encoding}"


def shape_of(path: Path) -> FileShape:
    """The shape of a file. Raises UnreadableError for an empty file and for kinds that are not read."""
    endings = [ending.lower() for ending in path.suffixes]
    kind = next((KINDS[ending] for ending in reversed(endings) if ending in KINDS), None)
    if kind is None:
        hint = (
            "save it as CSV first" if endings and endings[-1].startswith(".xls") else "give a .csv, .jsonl or .parquet"
        )
        raise UnreadableError(f"{path}: this kind of file is not read; {hint}")
    if path.stat().st_size == 0:
        raise UnreadableError(f"{path}: the file is empty; export it again")
    if kind != "csv":
        return FileShape(kind, CsvFormat())
    import pyarrow as pa

    with pa.input_stream(str(path), compression="detect") as stream:
        head = stream.read(SAMPLE_BYTES)
        encoding = _encoding(head, stream)
    text = head.decode(encoding, errors="ignore").removeprefix("\ufeff")
    told = SEPARATOR.match(text)
    delimiter = told[1] if told else _delimiter(text)
    above = _lines_above(text[told.end() :] if told else text, delimiter) + (1 if told else 0)
    encoding = encoding.removesuffix("-sig")
    return FileShape(kind, CsvFormat(delimiter=delimiter, encoding=encoding, skip_lines=above))


def _encoding(head: bytes, rest: io.BufferedIOBase) -> str:
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    decoder = codecs.getincrementaldecoder("utf-8")()
    block = head
    odd: list[bytes] = []
    try:
        while block:
            decoder.decode(block)
            block = rest.read(SAMPLE_BYTES)
    except UnicodeDecodeError:
        odd.append(block)
    if not odd:
        return "utf-8"
    import charset_normalizer

    # Only lines with signs beyond ASCII say anything about the encoding.
    lines = b"\n".join(line for line in odd[0].split(b"\n") if any(sign > 127 for sign in line))
    lines = lines[:SAMPLE_BYTES]
    best = charset_normalizer.from_bytes(lines, cp_isolation=ENCODINGS).best()
    if best is None or best.encoding in WESTERN:
        return "cp1252"
    # Umlauts are the same bytes in several encodings; then the commonest one is meant.
    same = lines.decode("cp1252", errors="replace") == lines.decode(best.encoding, errors="replace")
    return "cp1252" if same else best.encoding


def _delimiter(text: str) -> str:
    """The sign that splits most records into the same number of fields, more than one."""
    scored = {delimiter: _evenness(text, delimiter) for delimiter in DELIMITERS}
    best = max(scored, key=lambda delimiter: scored[delimiter])
    return best if scored[best][0] > 0 else ","


def _lines_above(text: str, delimiter: str) -> int:
    """How many lines stand above the headings: a title or a date of export fills no more than half of the columns."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    records: list[tuple[int, list[str]]] = []
    above = 0
    try:
        for record, _ in zip(reader, range(SAMPLE_RECORDS), strict=False):
            records.append((above, record))
            above = reader.line_num
    except csv.Error:
        return 0
    widths = Counter(len(record) for _, record in records if record)
    width = widths.most_common(1)[0][0] if widths else 0
    for lines, record in records[:MOST_LINES_ABOVE]:
        filled = sum(bool(field.strip()) for field in record)
        if filled > 1 and filled * 2 > width:
            return lines
    return 0


def _evenness(text: str, delimiter: str) -> tuple[float, int]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    counts: Counter[int] = Counter()
    try:
        for record, _ in zip(reader, range(SAMPLE_RECORDS), strict=False):
            if record:
                counts[len(record)] += 1
    except csv.Error:
        return (0.0, 0)
    if not counts:
        return (0.0, 0)
    fields, records = counts.most_common(1)[0]
    return (records / counts.total() if fields > 1 else 0.0, fields)
