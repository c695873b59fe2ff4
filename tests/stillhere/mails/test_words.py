"""A campaign's words: what must have a value, and what may do without."""

from __future__ import annotations

from pathlib import Path

import pytest

from stillhere.mails.content import ContentError, Layout, write_content
from stillhere.mails.values import Value, message_values
from stillhere.mails.words import Words, WordsError, read_words
from stillhere.settings import Company

COMPANY = Company(id="acme", name="Acme", kind="shop")
ACCOUNT = {"account_name": Value("accounts.account_name", "Blue Harbour", "Blue Harbour")}


def words_in(folder: Path, text: str) -> Words:
    (folder / "campaigns" / "note").mkdir(parents=True)
    (folder / "campaigns" / "note" / "en.md").write_text(text)
    return read_words(folder, "note", "en")


def text_of(words: Words, values: dict[str, Value]) -> str:
    return write_content(words, values, COMPANY, Layout.of(Path()), None).text


def test_a_stand_in_is_said_where_a_value_is_missing(tmp_path: Path) -> None:
    words = words_in(
        tmp_path, '---\nsubject: Hello\n---\nHello {{ first_name | default("there") }}, {{ account_name }}!\n'
    )
    assert "Hello there, Blue Harbour!" in text_of(words, ACCOUNT)
    named = {**ACCOUNT, "first_name": Value("int_contacts.first_name", "Anna", "Anna")}
    assert "Hello Anna, Blue Harbour!" in text_of(words, named)
    assert "first_name" in write_content(words, named, COMPANY, Layout.of(Path()), None).claims


def test_a_value_without_a_stand_in_is_needed_even_if_it_has_one_elsewhere(tmp_path: Path) -> None:
    words = words_in(
        tmp_path,
        '---\nsubject: "{{ first_name }}"\n---\nHello {{ first_name | default("there") }}, {{ account_name }}!\n',
    )
    with pytest.raises(ContentError, match="no value for first_name"):
        text_of(words, ACCOUNT)


def test_a_misspelled_value_is_told_even_with_a_stand_in(tmp_path: Path) -> None:
    words = words_in(tmp_path, '---\nsubject: Hello\n---\nHello {{ firstname | default("there") }}!\n')
    with pytest.raises(ContentError, match="no such value: firstname"):
        text_of(words, ACCOUNT)


def test_broken_braces_name_the_file(tmp_path: Path) -> None:
    with pytest.raises(WordsError, match=r"campaigns/note/en\.md"):
        words_in(tmp_path, "---\nsubject: Hello\n---\nHello {{ first_name!\n")


def test_a_sign_that_lacks_a_value_holds_its_message_and_not_the_night() -> None:
    account = {"account_name": "Blue Harbour", "signs": '[{"code": "quiet", "values": {"usual_gap_days": 6}}]'}
    values = message_values(account, {"first_name": "Anna"}, COMPANY, "en")
    assert "sign" not in values
    assert values["first_name"].shown == "Anna"
