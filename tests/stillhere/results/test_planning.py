"""What a number of accounts can show."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillhere.results.planning import (
    SHARES,
    accounts_needed,
    detectable_difference,
    holdout_share_for,
    plus_minus,
)


def test_five_points_need_the_textbook_number_of_accounts() -> None:
    """(1.96 + 0.8416)² × 2 × 0.7 × 0.3 / 0.05² = 1,318.6 an arm."""
    assert accounts_needed(0.05, 0.5, share=0.7) == 2638


def test_a_smaller_holdout_needs_more_accounts() -> None:
    needed = [accounts_needed(0.05, share) for share in SHARES]
    assert needed == sorted(needed)


@given(st.integers(0, 100_000), st.integers(0, 100_000), st.floats(0.01, 0.3))
def test_the_more_are_drawn_the_fewer_are_held_out_and_never_too_few_for_the_effect(
    drawn: int, more: int, effect: float
) -> None:
    share = holdout_share_for(drawn, effect)
    assert holdout_share_for(drawn + more, effect) <= share
    assert share == 0.5 or accounts_needed(effect, share) <= drawn


def test_half_are_held_out_until_the_effect_can_be_seen() -> None:
    enough = accounts_needed(0.05, 0.4)
    assert (holdout_share_for(enough - 1), holdout_share_for(enough)) == (0.5, 0.4)


def test_plus_minus_is_half_a_plain_interval() -> None:
    assert plus_minus(400, 400, 0.5) == pytest.approx(1.96 * (0.25 / 200) ** 0.5, rel=1e-4)
    assert plus_minus(400, 0) is None


def test_what_can_be_found_is_found_with_the_stated_power() -> None:
    """Fleiss, 400 an arm from 30 %: 9.4 points."""
    assert detectable_difference(400, 400, 0.30) == pytest.approx(0.0942, abs=5e-5)


def test_six_accounts_cannot_show_a_rise_from_ninety_percent() -> None:
    assert detectable_difference(6, 6, 0.9) is None
