"""The report says what its intervals were worth on past days, and where the chances were off."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from models.meaning import Part, PastCount
from stillhere.reports.formats import Formats
from stillhere.reports.headline import past_record
from stillhere.reports.report import model_facts
from tests.stillhere.reports.night_world import model_card

DAY = date(2026, 5, 1)


def test_past_counts_and_parts_that_were_off_are_told_beside_the_interval() -> None:
    counts = tuple(PastCount(DAY, 900, 40.0, 30.0, 50.0, left) for left in (35, 61, 50))
    parts = (
        Part("first 3 months", 300, 0.05, 0.2, is_off=True),
        Part("yearly contracts", 400, 0.04, 0.04, is_off=False),
    )
    told = replace(model_card(), past_counts=counts, parts=parts)
    assert past_record(told) == "; held on 2 of 3 past days"
    assert past_record(None) == ""
    shown = {fact.name: fact.value for fact in model_facts(told, Formats.of("en", "EUR"))}
    assert "1 May 2026: 61 of 900 (30 to 50)" in shown["Left on past days (95 % interval given, drift included)"]
    by_part = shown["Left by part, of at least 200 outcomes (forecast)"]
    assert by_part == "first 3 months: 20.0% (5.0%, off beyond chance); yearly contracts: 4.0% (4.0%)"
