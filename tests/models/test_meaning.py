"""Chances by part and counts by day: what is off is named, what is right is left alone."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
from scipy.special import expit

from models.meaning import drift_of, parts_of, past_counts

DAYS = [date(2026, 1, 1) + timedelta(days=28 * at) for at in range(5)]


def drawn(*, shifts: list[float], young_leave_more: float = 0.0) -> tuple[pl.DataFrame, np.ndarray]:
    """Rows with a forecast that knows neither a day's shift nor that young accounts leave more."""
    random = np.random.default_rng(3)
    n = 2000
    parts, forecasts = [], []
    for day, shift in zip(DAYS, shifts, strict=True):
        scores, tenure = random.normal(-1.5, 0.8, n), random.integers(10, 900, n)
        left = random.random(n) < expit(scores + shift + young_leave_more * (tenure < 90))
        parts.append(
            pl.DataFrame(
                {"cutoff": [day] * n, "tenure_days": tenure, "is_annual": random.integers(0, 2, n).astype(float)}
            ).with_columns(
                mrr_minor=pl.lit(None, dtype=pl.Float64),
                active_days_91=pl.Series(random.integers(0, 60, n)).cast(pl.Float64),
                left_in_horizon=pl.Series(left),
            )
        )
        forecasts.append(expit(scores))
    return pl.concat(parts), np.concatenate(forecasts)


def test_a_part_whose_chances_mislead_is_named_and_one_without_its_accounts_is_not() -> None:
    rows, forecast = drawn(shifts=[0.0] * 5, young_leave_more=1.0)
    off = {part.name: part.is_off for part in parts_of(rows, forecast)}
    assert off["first 3 months"]
    assert not off["3 to 12 months"]
    assert not off["more than a year"]


def test_parts_without_values_or_with_few_rows_are_not_judged() -> None:
    rows, forecast = drawn(shifts=[0.0] * 5)
    names = {part.name for part in parts_of(rows, forecast)}
    assert not any(name.startswith("monthly revenue") for name in names)
    assert {"yearly contracts", "active days in 3 months, lowest third"} <= names
    assert parts_of(rows.head(150), forecast[:150]) == ()


def test_a_level_that_moves_widens_the_interval_until_past_counts_lie_within() -> None:
    rows, forecast = drawn(shifts=[0.3, -0.3, 0.25, -0.2, 0.3])
    assert 0.2 < drift_of(rows, forecast).drift < 0.35
    counts = past_counts(rows, forecast)
    assert sum(count.low <= count.left <= count.high for count in counts) >= 4
    steady, chances = drawn(shifts=[0.0] * 5)
    widths = [np.mean([count.high - count.low for count in told]) for told in (counts, past_counts(steady, chances))]
    assert widths[0] > 3 * widths[1]
