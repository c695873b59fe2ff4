"""Report and mails in a real browser: nothing is wider than the screen, on a phone and with the longest of names."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from stillhere.mails.content import Layout, write_content
from stillhere.mails.values import message_values
from stillhere.mails.words import read_words
from stillhere.reports.report import report_html
from tests.stillhere.reports.browser import widths
from tests.stillhere.reports.night_world import facts_of, settings_of

LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft & Söhne <GmbH>"
PHONE, DESK, MAIL, SMALL_PHONE = 380, 1200, 600, 320


def test_a_report_with_long_names_fits_a_phone_and_a_desk(tmp_path: Path) -> None:
    facts = facts_of(tmp_path)
    named = facts.marts["accounts"].with_columns(account_name=pl.lit(LONG))
    facts.marts["accounts"] = named  # type: ignore[index] # a plain dict, as read
    pages = tmp_path / "pages"
    pages.mkdir()
    (pages / "report.html").write_text(report_html(facts), encoding="utf-8")
    found = widths(pages, {"report.html": (PHONE, DESK)})
    assert found == {("report.html", PHONE): PHONE, ("report.html", DESK): DESK}


def test_a_mail_with_a_long_name_fits_a_mail_program_and_a_small_phone(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    pages = tmp_path / "pages"
    pages.mkdir()
    for language in ("en", "de"):
        words = read_words(Path("config"), "champion_handover", language)
        values = message_values({"account_name": LONG}, {"first_name": "Zoë"}, settings.company, language)
        content = write_content(
            words, values, settings.company, Layout.of(Path("config")), "https://mail.example.com/u/en.m1.s"
        )
        assert "<GmbH>" not in content.html
        (pages / f"{language}.html").write_text(content.html, encoding="utf-8")
    found = widths(pages, {"en.html": (MAIL, SMALL_PHONE), "de.html": (MAIL, SMALL_PHONE)})
    assert found == {(page, width): width for page in ("en.html", "de.html") for width in (MAIL, SMALL_PHONE)}
