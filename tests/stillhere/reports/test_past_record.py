"""The report says what its intervals were worth on past days, and where the chances were off."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from models.meaning import Part, PastCount
from stillhere.reports.headline import past_record
from tests.stillhere.reports.night_world import model_card

DAY = date(2026, 5, 1)


def test_past_counts_and_parts_that_were_off_are_told_beside_the_interval() -> None:
    counts = tuple(PastCount(DAY, 900, 40.0, 30.0, 50.0, left) for left in (35, 61, 50))
    parts = (
        Part("first 3 months", 300, 0.05, 0.2, is_off=True),
        Part("yearly contracts", 400, 0.04, 0.04, is_off=False),
    )
    told = replace(model_card(), past_counts=counts, parts=parts)
    assert past_record(told) == (
        "; on past days 2 of 3 counts lay within their 95 % interval, drift included; off beyond chance: first 3 months"
    )
    assert past_record(replace(told, parts=parts[1:])).endswith("; none of 1 parts off beyond chance")
    assert past_record(None) == ""
