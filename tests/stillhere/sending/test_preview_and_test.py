"""Previews and test mails: real words for a real account, and no way for them to reach or stop a customer."""

from __future__ import annotations

import dataclasses
import json
import struct
from pathlib import Path

import pytest
from sqlalchemy import Engine, inspect, text

from stillhere.mails import pictures
from stillhere.mails.content import Layout
from stillhere.mails.pictures import NoBrowserError, take_pictures
from stillhere.mails.preview import DEAD_LINK, Case, show, worst_cases
from stillhere.sending.staff_copy import StaffCopyError, send_to_staff
from stillhere.settings import Settings
from tests.stillhere.campaigns.world import wide
from tests.stillhere.sending.mail_servers import smtp_server
from tests.stillhere.sending.nights import MORNING, company

ACCOUNT = {"account_id": "a1", "account_name": "Blue <Harbour>"}
WORDS = """---
subject: Hello {{ account_name }}
button: See it
button_url: https://tiny.example/offer?code=SAVE
---
Hello {{ first_name | default("there") }}, see https://tiny.example/now or mail mailto:care@tiny.example
"""


@pytest.fixture
def writing(settings: Settings) -> Settings:
    """The company with a button, English and German, and staff."""
    (settings.folder / "campaigns" / "slipping" / "en.md").write_text(WORDS)
    staff = settings.company.staff.model_copy(update={"domains": ("tiny.example",), "addresses": ("pia@home.example",)})
    changed = settings.company.model_copy(update={"staff": staff, "languages": ("en", "de")})
    return dataclasses.replace(settings, company=changed)


def case() -> Case:
    return Case("as-it-is", wide([ACCOUNT]).row(0, named=True), {"first_name": "Ada"}, "en")


def test_a_preview_names_the_source_of_each_value_and_has_a_dead_way_to_stop(writing: Settings) -> None:
    shown = show(case(), "slipping", writing, Layout.of(writing.folder))
    assert shown.content is not None
    origins = {name: value.origin for name, value in shown.content.claims.items()}
    assert origins == {"account_name": "accounts.account_name", "first_name": "int_contacts.first_name"}
    assert DEAD_LINK in shown.content.text
    assert DEAD_LINK in shown.content.html


def test_the_worst_cases_are_written_or_say_why_they_would_be_held(writing: Settings) -> None:
    first = case()
    cases = worst_cases(first.account, first.person, ("A" * 90, "Maximiliane"), writing)
    found = {one.name: show(one, "slipping", writing, Layout.of(writing.folder)) for one in cases}
    assert set(found) == {"longest-name", "no-first-name", "language-de", "zero-amounts"}
    assert "A" * 90 in found["longest-name"].content.subject
    assert "Hello there," in found["no-first-name"].content.text
    assert found["no-first-name"].stand_ins == {"first_name"}
    assert found["language-de"].language == "en"  # no German words: the company's own stand in
    (writing.folder / "campaigns" / "slipping" / "en.md").write_text(WORDS.replace(' | default("there")', ""))
    held = show(cases[1], "slipping", writing, Layout.of(writing.folder))
    assert (held.content, "no value for first_name" in held.problem) == (None, True)


def test_pictures_have_the_width_of_a_desktop_and_of_a_phone(writing: Settings, tmp_path: Path) -> None:
    content = show(case(), "slipping", writing, Layout.of(writing.folder)).content
    assert content is not None
    files = take_pictures(content.html, tmp_path / "mail")
    widths = {file.name: struct.unpack(">I", file.read_bytes()[16:20])[0] for file in files}
    assert widths == {"mail-desktop.png": 1000, "mail-phone.png": 320}


def test_without_a_browser_the_message_says_what_to_install(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setattr(pictures, "PROGRAMS", ("no-such-browser",))
    with pytest.raises(NoBrowserError, match="install the package 'chromium'"):
        take_pictures("<p>x</p>", tmp_path / "mail")


@pytest.mark.parametrize("to", ["ann@customer.example", "x@mail.tiny.example", "pia@tiny.example.evil.example", ""])
def test_a_test_goes_to_nobody_but_staff(to: str, writing: Settings, tmp_path: Path) -> None:
    shown = show(case(), "slipping", writing, Layout.of(writing.folder))
    with pytest.raises(StaffCopyError, match="is not staff's"):
        send_to_staff(writing, shown, to, MORNING, lambda: "1", tmp_path / "test")
    assert not (tmp_path / "test").exists()


@pytest.mark.parametrize("to", ["ada@tiny.example", "PIA@home.example"])
def test_a_test_is_marked_has_dead_links_and_leaves_no_trace(
    to: str, writing: Settings, engine: Engine, tmp_path: Path
) -> None:
    before = _rows(engine)
    shown = show(case(), "slipping", writing, Layout.of(writing.folder))
    with smtp_server() as (url, mailbox):
        live = company_on(writing, url)
        assert send_to_staff(live, shown, to, MORNING, lambda: "1", tmp_path / "test").status == "accepted"
        [mail] = mailbox.mails
    assert mail["Subject"] == "[TEST] Hello Blue <Harbour>"
    assert mail["To"].lower() == to.lower()
    assert mail["List-Unsubscribe"] is None
    parts = [part for part in mail.walk() if part.get_content_type().startswith("text/")]
    bodies = [part.get_payload(decode=True).decode() for part in parts]
    assert len(bodies) == 2
    for body in bodies:
        assert "[TEST] As a1 would get it" in body
        assert "SAVE" not in body
        assert "https://tiny.example" not in body
        assert "mailto:" not in body
    assert _rows(engine) == before


def company_on(settings: Settings, url: str) -> Settings:
    from pydantic import SecretStr

    environment = settings.environment.model_copy(update={"sender": "smtp", "smtp_url": SecretStr(url)})
    return dataclasses.replace(settings, environment=environment)


def _rows(engine: Engine) -> str:
    with engine.connect() as connection:
        tables = sorted(inspect(connection).get_table_names())
        return json.dumps({one: connection.execute(text(f'select count(*) from "{one}"')).scalar() for one in tables})


def test_a_message_that_would_be_held_is_not_sent_as_a_test(writing: Settings, tmp_path: Path) -> None:
    (writing.folder / "campaigns" / "slipping" / "en.md").write_text(WORDS.replace(' | default("there")', ""))
    nameless = dataclasses.replace(case(), person={})
    shown = show(nameless, "slipping", writing, Layout.of(writing.folder))
    with pytest.raises(StaffCopyError, match="would be held"):
        send_to_staff(writing, shown, "ada@tiny.example", MORNING, lambda: "1", tmp_path / "test")


def test_the_company_of_these_tests_is_read_like_any_other(tmp_path: Path) -> None:
    assert company(tmp_path, staff={"domains": ["tiny.example"]}).company.staff.has("Ada@Tiny.example")
