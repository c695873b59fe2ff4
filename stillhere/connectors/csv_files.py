"""CSV as text: every value stays what the vendor wrote; only delimiter, quotes and encoding are understood."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stillhere.connectors.file_listing import FILE_COLUMN, Rejects
from stillhere.connectors.names import raw_columns
from stillhere.connectors.source import SourceError
from stillhere.settings.sources import CsvFormat

if TYPE_CHECKING:
    import pyarrow as pa

BLOCK_BYTES = 8 * 2**20
CHUNK_ROWS = 500_000


def read_csv_file(path: Path, file: str, csv_format: CsvFormat, rejects: Rejects) -> Iterator[pa.Table]:
    """The rows of one file as text, in pieces; an empty field is null. Compressed files (.gz, .bz2) are read as well.

    A row with too few or too many fields is left out and counted in `rejects`.
    Raises SourceError for a file without a heading, or in another encoding than stated.
    """
    import pyarrow as pa

    headings = headings_of(path, csv_format)
    names = raw_columns(headings)
    pending: list[pa.RecordBatch] = []
    rows = 0
    try:
        for batch in _open(path, headings, csv_format, _refuse(file, rejects)):
            renamed = pa.RecordBatch.from_arrays(batch.columns, names=names)
            pending.append(renamed)
            rows += batch.num_rows
            if rows >= CHUNK_ROWS:
                yield _with_file(pending, file)
                pending, rows = [], 0
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        raise SourceError(f"{file}: {_plainly(error)}; check csv.delimiter and csv.encoding in sources.yml") from error
    if pending:
        yield _with_file(pending, file)


def _refuse(file: str, rejects: Rejects) -> Any:
    def refuse(row: Any) -> str:
        line = f" line {row.number}" if row.number is not None else ""
        rejects.add(f"{file}{line}")
        return "skip"

    return refuse


def _open(path: Path, headings: list[str], csv_format: CsvFormat, refuse: Any) -> Any:
    import pyarrow as pa
    from pyarrow import csv

    keys = [str(i) for i in range(len(headings))]
    return csv.open_csv(
        pa.input_stream(str(path), compression="detect"),
        read_options=csv.ReadOptions(
            column_names=keys,
            skip_rows=csv_format.skip_lines,
            skip_rows_after_names=1,
            encoding=csv_format.encoding,
            block_size=BLOCK_BYTES,
            use_threads=False,  # only then a refused row has its number
        ),
        parse_options=csv.ParseOptions(
            delimiter=csv_format.delimiter,
            quote_char=csv_format.quote,
            newlines_in_values=True,
            invalid_row_handler=refuse,
        ),
        convert_options=csv.ConvertOptions(
            column_types=dict.fromkeys(keys, pa.string()), null_values=[""], strings_can_be_null=True
        ),
    )


def headings_of(path: Path, csv_format: CsvFormat) -> list[str]:
    """The first record of a file below the lines to skip, read by Python's own reader: it may hold quoted newlines."""
    import csv as python_csv
    import io

    import pyarrow as pa

    encoding = (
        "utf-8-sig" if csv_format.encoding.lower().replace("_", "-") in ("utf-8", "utf8") else csv_format.encoding
    )
    with pa.input_stream(str(path), compression="detect") as stream:
        text = io.TextIOWrapper(stream, encoding=encoding, errors="replace", newline="")
        for _ in range(csv_format.skip_lines):
            text.readline()
        reader = python_csv.reader(text, delimiter=csv_format.delimiter, quotechar=csv_format.quote)
        headings = next(reader, [])
    if not any(heading.strip() for heading in headings):
        line = csv_format.skip_lines + 1
        raise SourceError(f"{path.name}: no heading in line {line}; that line must name the columns")
    return headings


def _with_file(batches: list[pa.RecordBatch], file: str) -> pa.Table:
    import pyarrow as pa

    table = pa.Table.from_batches(batches)
    return table.append_column(FILE_COLUMN, pa.repeat(pa.scalar(file), table.num_rows))


def _plainly(error: Exception) -> str:
    """The error without the text of the row, which may be about a person."""
    return str(error).split("\n")[0].split(":")[0][:120]
