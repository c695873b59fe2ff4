"""Every message for on-call names a page that exists, and every page answers what an alarmed reader asks."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from expectations import raw_tables
from stillhere.oncall import runbooks
from stillhere.oncall.runbooks import PAGES, Situation, all_pages, page_of, page_of_rule

REPOSITORY = Path(__file__).parents[3]
FOLDER = REPOSITORY / runbooks.FOLDER
PAGE_FILES = sorted(path for path in FOLDER.glob("*.md") if path.name != "README.md")
INDEX = (FOLDER / "README.md").read_text(encoding="utf-8")
RULE_NAME = re.compile(r'Result\(\s*"([a-z_]+)"')


def test_every_situation_has_a_page_that_exists() -> None:
    assert set(PAGES) == set(get_args(Situation))
    for situation in get_args(Situation):
        assert (REPOSITORY / page_of(situation)).is_file(), situation


def test_every_rule_of_a_hand_over_leads_to_a_page_that_exists() -> None:
    sources = Path(raw_tables.__file__).parent.glob("*.py")
    rules = {rule for path in sources for rule in RULE_NAME.findall(path.read_text(encoding="utf-8"))}
    assert {"fresh", "usual_volume", "something_arrived"} <= rules
    for rule in [*rules, *runbooks.RULE_PAGES, "a_rule_of_tomorrow"]:
        assert (REPOSITORY / page_of_rule(rule)).is_file(), rule


def test_a_rule_with_a_page_of_its_own_is_a_rule_that_exists() -> None:
    sending = ("stillhere/campaigns", "stillhere/sending", "stillhere/operations")
    rooms = [REPOSITORY / room for room in ("expectations", "stillhere", *sending, "stillhere/scoring")]
    product = [file for room in rooms for file in room.glob("*.py")]
    written = "".join(path.read_text(encoding="utf-8") for path in product)
    for rule in runbooks.RULE_PAGES:
        assert f'"{rule}"' in written, rule


def test_the_index_lists_every_page_once_and_no_other() -> None:
    listed = re.findall(r"^\| \[([a-z-]+\.md)\]", INDEX, re.MULTILINE)
    assert listed == list(dict.fromkeys(listed))
    assert set(listed) == {path.name for path in PAGE_FILES}


def test_every_page_is_reachable_from_a_message_or_stands_for_itself() -> None:
    assert all_pages() == {f"{runbooks.FOLDER}/{path.name}" for path in PAGE_FILES}


@pytest.mark.parametrize("page", PAGE_FILES, ids=lambda path: path.stem)
def test_a_page_has_symptom_first_command_steps_and_whether_it_sends_twice(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for heading in ("**Symptom.**", "**First command.**", "**Steps", "**Will it send twice?**"):
        assert heading in text, heading
    first_command = re.search(r"\*\*First command\.\*\*.*?```\n(.+?)\n```", text, re.DOTALL)
    assert first_command is not None
    assert first_command.group(1).startswith("stillhere ")
    assert "Expected" in text or page.stem in ("source-late", "messages-left")


@pytest.mark.parametrize(
    "page", [*PAGE_FILES, FOLDER / "README.md", FOLDER.parent / "for-oncall.md"], ids=lambda p: p.stem
)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
        assert (page.parent / link).exists(), link
