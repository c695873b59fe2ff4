"""A campaign's words as one document, out and back: a round trip changes nothing, a mistake names its sentence."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import typer
from docx import Document
from typer.testing import CliRunner

from stillhere.commands import campaigns
from stillhere.mails.words import read_words
from stillhere.mails.words_document import Line, WordsDocumentError, document_lines, take_over
from stillhere.mails.words_formats import read_document, write_document

LANGUAGES = ("en", "de")
MAILS = sorted(folder.name for folder in Path("config/campaigns").iterdir() if (folder / "en.md").is_file())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree("config", tmp_path / "config"))


def files(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


@pytest.mark.parametrize("suffix", ["docx", "md"])
@pytest.mark.parametrize("campaign", MAILS)
def test_a_round_trip_changes_nothing(folder: Path, tmp_path: Path, campaign: str, suffix: str) -> None:
    before, file = files(folder), tmp_path / f"words.{suffix}"
    lines = document_lines(folder, campaign, "A title", LANGUAGES)
    write_document(lines, file)
    assert read_document(file) == lines
    assert take_over(folder, read_document(file), LANGUAGES) == (campaign, [])
    assert files(folder) == before


def test_an_edited_sentence_is_taken_over_and_nothing_else(folder: Path, tmp_path: Path) -> None:
    before, file = files(folder), tmp_path / "words.docx"
    write_document(document_lines(folder, "slipping_note", "A note", LANGUAGES), file)
    edited = Document(str(file))
    [one] = [paragraph for paragraph in edited.paragraphs if paragraph.text.startswith("Just answer")]
    one.text = "Answer this mail, {{ first_name | default(“you”) }}: we read it."
    edited.save(str(file))
    _, written = take_over(folder, read_document(file), LANGUAGES)
    assert [path.name for path in written] == ["en.md"]
    words = read_words(folder, "slipping_note", "en")
    assert 'Answer this mail, {{ first_name | default("you") }}: we read it.' in words.paragraphs
    changed = {name for name, content in files(folder).items() if before.get(name) != content}
    assert changed == {"campaigns/slipping_note/en.md"}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            "Hello {{ frist_name }}, how are you?",
            "en, paragraph 2: 'Hello {{ frist_name }}, how are you?': no such value",
        ),
        ("Hello {{ first_name, how are you?", "en, paragraph 2: 'Hello {{ first_name, how are you?': expected token"),
        ("Button: Click here", "en: Button and Link belong together"),
    ],
)
def test_a_mistake_names_its_sentence_and_nothing_is_written(folder: Path, line: str, said: str) -> None:
    before = files(folder)
    lines = document_lines(folder, "slipping_note", "A note", ("de",))
    lines += [Line("language", "English [en]"), Line("paragraph", "Subject: Hello"), Line("paragraph", "Good day.")]
    with pytest.raises(WordsDocumentError) as told:
        take_over(folder, [*lines, Line("paragraph", line)], LANGUAGES)
    assert said in str(told.value)
    assert files(folder) == before


def test_what_is_no_such_document_is_refused(folder: Path, tmp_path: Path) -> None:
    broken, letter, noise = tmp_path / "broken.docx", tmp_path / "letter.md", tmp_path / "noise.md"
    broken.write_bytes(b"no zip")
    letter.write_text("# Dear all\n\nHello.\n", encoding="utf-8")
    noise.write_bytes(b"\xff\x00\x9b")
    said_of = {broken: "is no Word document", letter: "a heading ends with", noise: "is no text"}
    for file, said in {**said_of, tmp_path / "missing.md": "not found"}.items():
        with pytest.raises(WordsDocumentError, match=said):
            take_over(folder, read_document(file), LANGUAGES)


@pytest.mark.parametrize("name", ["nowhere/words.docx", "nowhere/words.md", "words.txt"])
def test_a_document_that_can_not_be_written_is_told(tmp_path: Path, name: str) -> None:
    with pytest.raises(WordsDocumentError, match=r"can't be written|expected a name"):
        write_document([Line("title", "A note [note]")], tmp_path / name)


def test_a_call_has_no_words_to_edit(folder: Path, tmp_path: Path) -> None:
    app = typer.Typer()
    campaigns.register(app)
    words = ["campaigns", "export", "high_value_call", "--to", str(tmp_path / "c.md"), "--company", str(folder)]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 2
    assert "only mails have words" in done.output
    assert not (tmp_path / "c.md").exists()


def test_the_commands_go_out_and_back(folder: Path, tmp_path: Path) -> None:
    app = typer.Typer()
    campaigns.register(app)
    file, runner = tmp_path / "note.md", CliRunner()
    out = runner.invoke(app, ["campaigns", "export", "slipping_note", "--to", str(file), "--company", str(folder)])
    assert out.exit_code == 0, out.output
    file.write_text(file.read_text(encoding="utf-8").replace("Just answer", "Simply answer"), encoding="utf-8")
    back = runner.invoke(app, ["campaigns", "import", str(file), "--company", str(folder)])
    assert back.exit_code == 0, back.output
    assert "campaigns diff slipping_note" in back.output
    again = runner.invoke(app, ["campaigns", "import", str(file), "--company", str(folder)])
    assert "nothing has changed" in again.output
