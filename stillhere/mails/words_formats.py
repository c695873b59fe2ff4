"""Documents of words as Markdown or DOCX, by the file's name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from stillhere.mails.words_document import Line, WordsDocumentError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

FORMATS = (".docx", ".md")


def write_document(lines: Sequence[Line], file: Path) -> None:
    """Writes a document; it appears whole. Raises WordsDocumentError for an unknown format or an unwritable place."""
    unfinished = file.with_name(f".{file.name}")
    write = _write_docx if _format(file) == ".docx" else _write_markdown
    try:
        write(lines, unfinished)
        unfinished.replace(file)
    except OSError as error:
        raise WordsDocumentError(
            f"{file}: can't be written ({error.strerror}); name a file in a folder that is there"
        ) from error


def read_document(file: Path) -> list[Line]:
    """The lines of a document. Raises WordsDocumentError when it is none."""
    if not file.is_file():
        raise WordsDocumentError(f"{file}: not found")
    return list(_read_docx(file) if _format(file) == ".docx" else _read_markdown(file))


def _format(file: Path) -> str:
    suffix = file.suffix.lower()
    if suffix not in FORMATS:
        raise WordsDocumentError(f"{file.name}: expected a name that ends with {' or '.join(FORMATS)}")
    return suffix


def _read_markdown(file: Path) -> Iterator[Line]:
    try:
        text = file.read_text(encoding="utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise WordsDocumentError(f"{file.name}: is no text; save it as Markdown in UTF-8") from error
    for block in text.split("\n\n"):
        for part in _headings_apart(block.strip()):
            if part.startswith("## "):
                yield Line("language", part[3:])
            elif part.startswith("# "):
                yield Line("title", part[2:])
            elif part:
                yield Line("paragraph", part)


def _headings_apart(block: str) -> Iterator[str]:
    """A heading stands alone, also where no empty line follows it."""
    while block.startswith("#"):
        heading, _, block = block.partition("\n")
        yield heading
    yield block.strip()


def _write_markdown(lines: Sequence[Line], file: Path) -> None:
    marks = {"title": "# ", "language": "## ", "paragraph": ""}
    file.write_text("\n\n".join(marks[line.kind] + line.text for line in lines) + "\n", encoding="utf-8")


def _write_docx(lines: Sequence[Line], file: Path) -> None:
    from docx import Document

    document = Document()
    for line in lines:
        if line.kind == "paragraph":
            document.add_paragraph(line.text)
        else:
            document.add_heading(line.text, level=1 if line.kind == "title" else 2)
    document.save(str(file))


def _read_docx(file: Path) -> Iterator[Line]:
    from docx import Document
    from docx.opc.exceptions import PackageNotFoundError

    try:
        document = Document(str(file))
    except (PackageNotFoundError, KeyError, ValueError) as error:
        raise WordsDocumentError(f"{file.name}: is no Word document ({type(error).__name__})") from error
    for paragraph in document.paragraphs:
        style = str(paragraph.style.style_id if paragraph.style is not None else "")
        if style == "Heading1":
            yield Line("title", paragraph.text)
        elif style == "Heading2":
            yield Line("language", paragraph.text)
        elif paragraph.text.strip():
            yield Line("paragraph", paragraph.text)
