"""Writes tables that people open: CSV and XLSX, safe against formulas, byte for byte the same for the same rows.

Everything is written under a temporary name and renamed, so that nobody ever opens half a list.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path

import xlsxwriter

Cell = str | int | float | bool | date | None

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What makes a spreadsheet run a cell (OWASP, CSV injection); the last four are full-width forms of the first."""

WIDEST = 48
"""Characters; longer texts wrap."""

A4 = 9
FILL_IN_COLOUR = "#FFF6D6"
"""Light enough that black writing on it prints well."""


@dataclass(frozen=True, slots=True)
class Column:
    """A heading; `choices` become a drop-down, `number_format` is Excel's, `wide` gives room for sentences.

    `fill_in` columns are tinted: people write there.
    """

    heading: str
    number_format: str | None = None
    choices: tuple[str, ...] = ()
    wide: bool = False
    fill_in: bool = False


@dataclass(frozen=True)
class Sheet:
    """One sheet of a workbook; `warning` colours its tab red, the first `stays` columns stay in sight."""

    name: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    warning: bool = False
    stays: int = 0


def write_csv(path: Path, headings: Sequence[str], rows: Sequence[Sequence[Cell]]) -> Path:
    """Comma-separated UTF-8 with a heading; days as YYYY-MM-DD, true and false as words, nothing for null."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")  # RFC 4180; and the writer quotes only ends of line it knows
    writer.writerow(headings)
    writer.writerows([_as_text(cell) for cell in row] for row in rows)
    return _replace(path, text.getvalue().encode("utf-8"))


def write_xlsx(path: Path, sheets: Sequence[Sheet], created: date) -> Path:
    """A workbook; `created` is what its properties say, so that the same rows give the same bytes."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"created": datetime.combine(created, time(0)), "author": "Stillhere"})
    for sheet in sheets:
        _write_sheet(book, sheet)
    book.close()
    return _replace(path, buffer.getvalue())


def harmless(text: str) -> str:
    """The text with an apostrophe before it where a spreadsheet would run it."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def harmed_back(text: str) -> str:
    """What `harmless` was given: undoes the apostrophe when a file comes back."""
    return text[1:] if text[:1] == "'" and text[1:].startswith(FORMULA_STARTS) else text


def _as_text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, date):
        return cell.isoformat()
    return harmless(cell) if isinstance(cell, str) else str(cell)


def _write_sheet(book: xlsxwriter.Workbook, sheet: Sheet) -> None:
    page = book.add_worksheet(sheet.name)
    bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    if sheet.warning:
        page.set_tab_color("#C00000")
    for at, column in enumerate(sheet.columns):
        page.write_string(0, at, column.heading, bold)
        _prepare_column(book, page, sheet, at)
    for number, row in enumerate(sheet.rows, start=1):
        for at, cell in enumerate(row):
            _write_cell(page, number, at, cell)
    page.freeze_panes(1, sheet.stays)
    _for_paper(page)
    if sheet.rows:
        page.autofilter(0, 0, len(sheet.rows), len(sheet.columns) - 1)


def _prepare_column(book: xlsxwriter.Workbook, page: xlsxwriter.worksheet.Worksheet, sheet: Sheet, at: int) -> None:
    column = sheet.columns[at]
    cell_format = {"valign": "top", "text_wrap": column.wide}
    if column.number_format:
        cell_format["num_format"] = column.number_format
    if column.fill_in:
        cell_format |= {"bg_color": FILL_IN_COLOUR, "border": 1, "border_color": "#C9C9C9"}
    style = book.add_format(cell_format)
    page.set_column(at, at, _width(sheet, at), None if column.fill_in else style)
    if column.fill_in:
        # Only beside a call: a whole column of colour would ask for rows that nobody can import.
        for number in range(1, len(sheet.rows) + 1):
            page.write_blank(number, at, None, style)
    if column.choices and sheet.rows:
        allowed = {"validate": "list", "source": list(column.choices), "error_message": "Choose from the list."}
        page.data_validation(1, at, len(sheet.rows), at, allowed)


def _for_paper(page: xlsxwriter.worksheet.Worksheet) -> None:
    """Across one landscape page, the headings on each: people print a list before a meeting."""
    page.set_landscape()
    page.set_paper(A4)
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)
    page.set_footer("&L&A&RPage &P of &N")


def _write_cell(page: xlsxwriter.worksheet.Worksheet, row: int, column: int, cell: Cell) -> None:
    """Text is always written as text: XlsxWriter's own guess would make a formula of it."""
    if cell is None:
        return
    if isinstance(cell, bool):
        page.write_string(row, column, "yes" if cell else "no")
    elif isinstance(cell, (int, float)):
        page.write_number(row, column, cell)
    else:
        page.write_string(row, column, cell.isoformat() if isinstance(cell, date) else cell)


def _width(sheet: Sheet, at: int) -> int:
    if sheet.columns[at].wide:
        return WIDEST
    longest = max((len(str(row[at])) for row in sheet.rows if row[at] is not None), default=0)
    return min(WIDEST, max(12, longest, len(sheet.columns[at].heading)) + 2)


def _replace(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.unfinished")
    unfinished.write_bytes(content)
    return unfinished.replace(path)
