"""The page for marketers names every field, sign and reason, and nothing that does not exist."""

from __future__ import annotations

import re
from pathlib import Path

from stillhere.campaigns.fields import FIELDS, SIGN_CODES
from stillhere.campaigns.refusals import REASONS
from stillhere.mails.values import NAMES
from stillhere.signs import TITLES

PAGE = (Path(__file__).parents[3] / "docs" / "for-marketers.md").read_text(encoding="utf-8")


def test_the_table_of_fields_is_the_list_of_fields() -> None:
    assert set(re.findall(r"^\| `(\w+)` \| (?:number|text|day|signs|yes or no) \|", PAGE, re.M)) == set(FIELDS)


def test_every_reason_is_explained() -> None:
    said = {code for row in re.findall(r"^\| (`[^|]+`) \|", PAGE, re.M) for code in re.findall(r"`(\w+)`", row)}
    assert set(REASONS) - {"chosen"} <= said


def test_signs_are_those_the_model_gives() -> None:
    assert set(SIGN_CODES) == set(TITLES["en"])
    assert all(f"`{code}`" in PAGE for code in SIGN_CODES)


def test_every_value_that_words_may_name_is_listed() -> None:
    [listed] = re.findall(r"The names: (.*)\.", PAGE)
    assert tuple(re.findall(r"`(\w+)`", listed)) == NAMES
