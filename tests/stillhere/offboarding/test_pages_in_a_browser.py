"""Our pages in a real Chromium without JavaScript: by keyboard alone, at the width of a small phone, readable aloud."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import Engine, select

from stillhere.operations import open_operations, reading
from stillhere.operations.tables import exit_answers, suppressions
from stillhere.settings import Settings
from tests.stillhere.offboarding.test_goodbye import link
from tests.stillhere.offboarding.web import Clock, delivered, running, stop_path, web_company
from tests.stillhere.sending.nights import seal_night, send

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "chrome")
SMALL_PHONE = {"width": 320, "height": 640}
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = next((found for name in PROGRAMS if (found := shutil.which(name))), None)
    if program is None:
        pytest.fail("no Chromium: install the package 'chromium' (macOS: brew install chromium)", pytrace=False)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        yield opened
        opened.close()


@pytest.fixture
def long_named(tmp_path: Path) -> Settings:
    return web_company(tmp_path, name=LONG)


@pytest.fixture
def its_engine(long_named: Settings) -> Iterator[Engine]:
    opened = open_operations(long_named.places.operations_url)
    seal_night(long_named, opened)
    send(long_named, opened)
    yield opened
    opened.dispose()


@pytest.fixture
def phone(browser: Browser, long_named: Settings, its_engine: Engine) -> Iterator[Page]:
    with running(long_named, its_engine, Clock()) as client:
        context = browser.new_context(
            viewport=SMALL_PHONE, java_script_enabled=False, base_url=str(client.base_url), locale="en"
        )
        page = context.new_page()
        # Whatever a page's own rules forbid would be said here.
        complaints: list[str] = []
        page.on("console", lambda said: complaints.append(said.text) if "Content Security" in said.text else None)
        yield page
        context.close()
        assert complaints == []


def width_of(page: Page) -> int:
    box = page.locator("html").evaluate("node => node.scrollWidth")
    return int(box)


@pytest.mark.parametrize("language", ["en", "de"])
def test_no_page_is_wider_than_a_small_phone(phone: Page, long_named: Settings, language: str) -> None:
    stop, ask = stop_path(delivered(long_named)[0]), link(long_named, language=language)
    for path in (stop, ask, "/g/forged"):
        phone.goto(path)
        assert width_of(phone) == SMALL_PHONE["width"]
    phone.goto(stop)
    phone.get_by_role("button").click()
    assert width_of(phone) == SMALL_PHONE["width"]
    phone.goto(ask)
    phone.locator("form").evaluate("form => form.submit()")  # past the browser's own check
    phone.get_by_role("alert").wait_for()
    assert width_of(phone) == SMALL_PHONE["width"]


def test_the_question_is_answered_by_keyboard_alone(phone: Page, long_named: Settings, its_engine: Engine) -> None:
    phone.goto(link(long_named))
    second = phone.get_by_role("radio").nth(1).get_attribute("value")
    phone.keyboard.press("Tab")  # the group
    phone.keyboard.press("Space")
    phone.keyboard.press("ArrowDown")
    phone.keyboard.press("Tab")  # the words
    phone.keyboard.type("It was fine.")
    phone.keyboard.press("Tab")  # the consent
    phone.keyboard.press("Space")
    phone.keyboard.press("Tab")  # the button
    phone.keyboard.press("Enter")
    phone.get_by_role("heading", name="Thank you").wait_for()
    with reading(its_engine) as connection:
        [row] = connection.execute(select(exit_answers)).all()
    assert (row.reason, row.comment, row.may_quote) == (second, "It was fine.", True)


def test_a_reader_stops_and_undoes_by_keyboard_alone(phone: Page, long_named: Settings, its_engine: Engine) -> None:
    def stopped() -> list[str]:
        with reading(its_engine) as connection:
            return list(connection.scalars(select(suppressions.c.email)))

    phone.goto(stop_path(delivered(long_named)[0]))
    assert stopped() == []
    phone.keyboard.press("Tab")
    phone.keyboard.press("Enter")
    phone.get_by_role("status").wait_for()
    phone.get_by_role("button", name="Get mails again").wait_for()
    assert stopped() == ["a000@x.example"]
    phone.keyboard.press("Tab")
    phone.keyboard.press("Enter")
    phone.get_by_role("button", name="Stop these mails").wait_for()
    assert stopped() == []


def test_a_screen_reader_hears_what_each_field_is(phone: Page, long_named: Settings) -> None:
    phone.goto(link(long_named))
    assert phone.get_by_role("heading", level=1).count() == 1
    assert phone.get_by_role("group", name="The main reason").get_by_role("radio").count() == 9
    assert phone.get_by_role("radio", name="Something else").count() == 1
    words = phone.get_by_role("textbox", name="Would you like to tell us more?")
    assert words.get_attribute("aria-describedby") == "comment-hint"
    assert phone.get_by_role("checkbox").count() == 1
    assert phone.locator("html").get_attribute("lang") == "en"


def test_controls_are_large_enough_for_a_thumb(phone: Page, long_named: Settings) -> None:
    phone.goto(link(long_named))
    controls = [*phone.locator("label.choice").all(), phone.get_by_role("button")]
    assert len(controls) == 11
    for control in controls:
        box = control.bounding_box()
        assert box
        assert box["height"] >= 44
