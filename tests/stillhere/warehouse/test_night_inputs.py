"""The panel's cut-offs: like the night itself, and over before it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal

from hypothesis import given
from hypothesis import strategies as st

from stillhere.connectors.guess.rhythm import windows
from stillhere.warehouse.night_inputs import past_cutoffs

days = st.dates(date(2024, 1, 1), date(2030, 1, 1))


@given(days, st.integers(1, 400), st.integers(1, 20))
def test_every_cutoff_stands_on_the_nights_weekday(as_of: date, horizon_days: int, count: int) -> None:
    cutoffs = past_cutoffs(as_of, horizon_days, count, step_days=28)
    assert {cutoff.weekday() for cutoff in cutoffs} == {as_of.weekday()}


@given(days, st.integers(1, 400), st.integers(1, 20), st.integers(1, 60))
def test_no_label_window_ends_after_the_night(as_of: date, horizon_days: int, count: int, step_days: int) -> None:
    cutoffs = past_cutoffs(as_of, horizon_days, count, step_days)
    assert len(cutoffs) == count
    assert max(cutoffs) + timedelta(days=horizon_days) <= as_of
    assert max(cutoffs) + timedelta(days=horizon_days + 7) > as_of


@given(days, st.sampled_from(["shop", "contract"]), st.integers(90, 1500), st.floats(0.1, 60), st.floats(0.1, 200))
def test_guessed_windows_keep_every_cutoff_inside_the_record(
    as_of: date, kind: Literal["shop", "contract"], history_days: int, gap_p50: float, gap_p90: float
) -> None:
    guessed = windows(kind, history_days, gap_p50, gap_p90)
    cutoffs = past_cutoffs(as_of, guessed.horizon_days, guessed.cutoffs, step_days=28)
    assert min(cutoffs) >= as_of - timedelta(days=history_days)
