"""Intervals of differences, held to published figures and to what must hold for any counts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from benchmarks.newcombe import newcombe_width
from stillhere.results.intervals import Means, Shares, mean_differences, share_differences

Arm = tuple[int, int]
arms = st.integers(1, 300).flatmap(lambda count: st.tuples(st.just(count), st.integers(0, count)))


def difference(*strata: tuple[Arm, Arm]) -> tuple[float, float, float]:
    """Value, low and high of treated (n, did) against control (n, did), one pair a stratum."""
    treated, control = np.array([pair[0] for pair in strata], float), np.array([pair[1] for pair in strata], float)
    row = np.zeros(len(strata), dtype=np.int64)
    found = share_differences(Shares(row, 1, treated[:, 0], treated[:, 1], control[:, 0], control[:, 1]))
    return float(found.value[0]), float(found.low[0]), float(found.high[0])


def test_the_interval_is_the_one_that_newcombe_prints_for_miettinen_and_nurminen() -> None:
    """Statistics in Medicine 17 (1998), table II, method 6: 56/70 against 48/80, and 9/10 against 3/10."""
    assert difference(((70, 56), (80, 48))) == pytest.approx((0.2, 0.0528, 0.3382), abs=5e-5)
    assert difference(((10, 9), (10, 3))) == pytest.approx((0.6, 0.1700, 0.8406), abs=5e-5)


def test_the_benchmarks_newcombe_is_the_one_he_prints() -> None:
    """The same table, method 10: 10/10 against 0/10 lies between 0.6075 and 1."""
    assert newcombe_width(np.array([10]), np.array([0]), 10) == pytest.approx([1 - 0.6075], abs=5e-5)


@given(arms, arms)
def test_the_value_lies_within_and_nothing_beyond_one(treated: Arm, control: Arm) -> None:
    value, low, high = difference((treated, control))
    assert -1 <= low <= value + 1e-9
    assert value - 1e-9 <= high <= 1


@given(arms, arms)
def test_arms_changed_about_give_the_same_interval_with_the_sign_turned(treated: Arm, control: Arm) -> None:
    value, low, high = difference((treated, control))
    assert difference((control, treated)) == pytest.approx((-value, -high, -low), abs=1e-9)


@given(arms, arms)
def test_counting_those_gone_instead_of_those_here_turns_the_sign(treated: Arm, control: Arm) -> None:
    gone = [(count, count - did) for count, did in (treated, control)]
    value, low, high = difference((treated, control))
    assert difference((gone[0], gone[1])) == pytest.approx((-value, -high, -low), abs=1e-9)


@given(arms, arms, st.integers(0, 300))
def test_a_stratum_with_an_empty_arm_changes_nothing(treated: Arm, control: Arm, alone: int) -> None:
    assert difference((treated, control), ((alone, 0), (0, 0))) == difference((treated, control))


def test_without_a_control_there_is_no_difference() -> None:
    assert all(np.isnan(part) for part in difference(((84, 70), (0, 0))))


def test_a_share_that_changed_over_time_does_not_look_like_an_effect() -> None:
    """Half held out while 90 % stay, a tenth while 50 % do: pooled, those contacted would seem 18 points worse off."""
    good_times, bad_times = ((100, 90), (100, 90)), ((900, 450), (100, 50))
    value, low, high = difference(good_times, bad_times)
    assert value == pytest.approx(0)
    assert low < 0 < high
    assert difference(((1000, 540), (200, 140)))[2] < 0


def test_comparisons_beside_each_other_are_those_one_by_one() -> None:
    counts = [np.array([40.0, 400.0]), np.array([30.0, 310.0]), np.array([50.0, 90.0]), np.array([20.0, 80.0])]
    both = share_differences(Shares(np.array([0, 1]), 2, *counts))
    for at in (0, 1):
        arms_of = [tuple(int(part[at]) for part in counts[pair : pair + 2]) for pair in (0, 2)]
        assert difference((arms_of[0], arms_of[1])) == (both.value[at], both.low[at], both.high[at])  # type: ignore[arg-type]


def test_means_are_compared_as_welch_does() -> None:
    first, second = np.array([3.0, 5.0, 8.0, 1.0, 9.0]), np.array([2.0, 2.5, 4.0])
    parts = [np.array([part]) for arm in (first, second) for part in (float(arm.size), arm.mean(), arm.var(ddof=1))]
    found = mean_differences(Means(np.array([0]), 1, *parts))
    expected = stats.ttest_ind(first, second, equal_var=False).confidence_interval(0.95)
    assert (found.low[0], found.high[0]) == pytest.approx((expected.low, expected.high))
    assert found.value[0] == pytest.approx(first.mean() - second.mean())


def test_one_account_alone_has_no_interval_of_its_mean() -> None:
    one = [np.array([part]) for part in (1.0, 5.0, 0.0, 30.0, 4.0, 2.0)]
    assert np.isnan(mean_differences(Means(np.array([0]), 1, *one)).low[0])
