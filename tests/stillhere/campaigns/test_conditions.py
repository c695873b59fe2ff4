"""Comparisons mean what they say, and say what they expect when they can't be read."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillhere.campaigns.conditions import (
    ConditionError,
    condition_mistakes,
    parse_condition,
    rule_of,
)
from stillhere.campaigns.rule_words import condition_in_words, rule_in_words, value_in_words
from tests.stillhere.campaigns.world import TUESDAY_NIGHT, segment, wide

DAY = timedelta(days=1)
ACCOUNTS = wide(
    [
        {"account_id": "1", "stage": "active", "value_minor": 500, "contract_ends_date": TUESDAY_NIGHT},
        {"account_id": "2", "stage": "left", "value_minor": 0, "contract_ends_date": TUESDAY_NIGHT - 30 * DAY},
        {"account_id": "3", "stage": "onboarding", "value_minor": 900, "contract_ends_date": TUESDAY_NIGHT + DAY},
        {"account_id": "4", "stage": None, "value_minor": 900, "contract_ends_date": None},
    ],
    cadence=[{"account_id": "1", "silence_ratio": 2.5}, {"account_id": "3", "silence_ratio": 0.5}],
    risk=[
        {"account_id": "1", "is_flagged": True, "codes": ["quiet", "support"]},
        {"account_id": "3", "is_flagged": False, "codes": []},
    ],
)


@pytest.mark.parametrize(
    ("field", "comparison", "expected"),
    [
        ("stage", "= active", "1"),
        ("stage", "!= active", "23"),
        ("stage", "in active, onboarding", "13"),
        ("stage", "not in active, onboarding", "2"),
        ("stage", "is missing", "4"),
        ("stage", "is known", "123"),
        ("value_minor", ">= 500", "134"),
        ("value_minor", "> 500", "34"),
        ("value_minor", "< 500", "2"),
        ("value_minor", "<=500", "12"),
        ("value_minor", "= 900", "34"),
        ("value_minor", "between 1 and 500", "1"),
        ("silence_ratio", ">= 0.5", "13"),
        ("silence_ratio", "!= 2.5", "3"),
        ("silence_ratio", "is missing", "24"),
        ("contract_ends_date", "in the last 30 days", "1"),
        ("contract_ends_date", "in the last 31 days", "12"),
        ("contract_ends_date", "in the next 1 day", "3"),
        ("contract_ends_date", "more than 29 days ago", "2"),
        ("contract_ends_date", ">= 2026-03-04", "3"),
        ("is_flagged", "is true", "1"),
        ("is_flagged", "is false", "3"),
        ("signs", "has quiet", "1"),
        ("signs", "has fading, support", "1"),
        ("signs", "has no quiet", "234"),
        ("signs", "is missing", "234"),
        ("signs", "is known", "1"),
    ],
)
def test_a_comparison_holds_for_whom_it_says(field, comparison, expected) -> None:
    held = ACCOUNTS.filter(parse_condition(field, comparison).holds(TUESDAY_NIGHT))
    assert "".join(held["account_id"]) == expected


@pytest.mark.parametrize(
    ("field", "comparison"),
    [
        ("value_minor", "= many"),
        ("value_minor", "between 5 and 1"),
        ("value_minor", "in 1, 2"),
        ("stage", ">= active"),
        ("stage", "in ,"),
        ("contract_ends_date", ">= 31.01.2026"),
        ("contract_ends_date", "in the last 30 days ago"),
        ("contract_ends_date", "more than 30 days"),
        ("is_flagged", "= true"),
        ("signs", "has hiccups"),
        ("signs", "= quiet"),
        ("stage", ""),
    ],
)
def test_a_comparison_that_cannot_be_read_says_what_can(field, comparison) -> None:
    with pytest.raises(ConditionError, match=r"use '") as error:
        parse_condition(field, comparison)
    assert field in str(error.value)


FIELDS_TOLD = ("value_minor", "signs", "is_flagged", "silence_ratio", "stage")


def test_mistakes_name_file_segment_field_and_the_likely_word() -> None:
    wrong = segment("slipping", all={"silence_ration": ">= 2", "stage": "= active"}, any={"signs": "has hiccups"})
    unknown, unreadable = condition_mistakes((wrong,))
    assert unknown.file == "segments.yml"
    assert unknown.key == "segments.slipping.all.silence_ration"
    assert "did you mean silence_ratio" in unknown.action
    assert unreadable.key == "segments.slipping.any.signs"


def test_all_and_any_are_both_needed() -> None:
    both = segment(all={"stage": "in active, onboarding"}, any={"value_minor": ">= 900", "signs": "has quiet"})
    assert "".join(ACCOUNTS.filter(rule_of(both, TUESDAY_NIGHT))["account_id"]) == "13"


def test_a_rule_is_told_in_amounts_and_by_the_names_of_signs() -> None:
    rule = segment(
        all={"stage": "= active", "signs": "has quiet, fading"}, any={"value_minor": "between 900 and 1200000"}
    )
    assert rule_in_words(rule, "EUR") == [
        "stage: active",
        "signs: silent longer than usual or less active than usual",
        "and at least one of: yearly value: between €9 and €12,000",
    ]
    assert condition_in_words("signs", "has no support", "EUR") == "signs: not more tickets than usual"
    assert condition_in_words("stage", "not in left, internal", "EUR") == "stage: neither left nor internal"
    assert condition_in_words("is_flagged", "is true", "EUR") == "is among the riskiest: yes"
    assert condition_in_words("value_minor", ">= 1250", "JPY") == "yearly value: >= ¥1,250"


def test_what_an_account_has_is_told_as_the_rule_is() -> None:
    row = {"value_minor": 288_050, "sign_codes": ["quiet"], "is_flagged": True, "silence_ratio": 2.346, "stage": "left"}
    told = [value_in_words(name, row, "EUR") for name in (*FIELDS_TOLD, "contract_ends_date")]
    assert told == ["€2,880.50", "silent longer than usual", "yes", "2.35", "left", "unknown"]


@given(st.text(max_size=30))
def test_no_text_of_a_file_is_ever_run_or_crashes_the_reader(text) -> None:
    for field in ("stage", "value_minor", "contract_ends_date", "is_flagged", "signs"):
        try:
            condition = parse_condition(field, text)
        except ConditionError:
            continue
        ACCOUNTS.filter(condition.holds(TUESDAY_NIGHT))
