"""Do the chances mean what they say: by part of the company, and for whole groups at past days.

Both are judged on the calibration days, with chances that the other half of the accounts calibrated.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from scipy.special import expit, logit

from models.fit import Vector
from models.level import Forecasts, Level, level_moves

LEAST_OUTCOMES = 200
OFF_STANDARD_ERRORS = 3.0
"""A dozen parts are looked at: at two standard errors, one in two cards would name a part by chance."""
TENURE_DAYS = (0, 90, 365, 36_500)
TENURE_NAMES = ("first 3 months", "3 to 12 months", "more than a year")
THIRDS = ("lowest third", "middle third", "highest third")


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the accounts: how many would leave and how many did, in shares of its rows."""

    name: str
    rows: int
    expected_share: float
    left_share: float
    is_off: bool


@dataclass(frozen=True, slots=True)
class PastCount:
    """A past day: leavers expected among its accounts, with an interval, and those there were."""

    cutoff: date
    accounts: int
    expected: float
    low: float
    high: float
    left: int


def parts_of(rows: pl.DataFrame, forecast: Vector) -> tuple[Part, ...]:
    """Chance and outcome by part, for parts of at least 200 rows; a part is off beyond three standard errors."""
    left = rows["left_in_horizon"].to_numpy().astype(bool)
    parts = []
    for name, inside in _parts(rows):
        if inside.sum() >= LEAST_OUTCOMES:
            chances, gone = forecast[inside], left[inside]
            error = float(np.sqrt((chances * (1 - chances)).sum())) / len(chances)
            gap = abs(float(chances.mean() - gone.mean()))
            shares = (round(float(chances.mean()), 4), round(float(gone.mean()), 4))
            parts.append(Part(name, int(inside.sum()), *shares, gap > OFF_STANDARD_ERRORS * error))
    return tuple(parts)


def past_counts(rows: pl.DataFrame, forecast: Vector) -> tuple[PastCount, ...]:
    """Each calibration day's count, its interval wide enough for the drift seen at the *other* days."""
    days = _by_day(rows, forecast)
    counts = []
    for at, day in enumerate(days):
        others = days[:at] + days[at + 1 :]
        chances = expit(day.scores)
        low, high = drift_level(others).count_interval(chances)
        cutoff = date.fromordinal(day.cutoff)
        told = (round(float(chances.sum()), 1), round(low, 1), round(high, 1))
        counts.append(PastCount(cutoff, len(chances), *told, int(day.outcome.sum())))
    return tuple(counts)


def drift_of(rows: pl.DataFrame, forecast: Vector) -> Level:
    """How far whole days lay from their forecast: a level whose `drift` widens an interval on a group's count."""
    return drift_level(_by_day(rows, forecast))


def drift_level(days: list[Forecasts]) -> Level:
    """A level without slope or shift, with the drift of some days."""
    if len(days) < 2:
        return Level(origins=0)
    return Level(drift=float(np.sqrt(np.mean(level_moves(days) ** 2))), origins=len(days))


def _by_day(rows: pl.DataFrame, forecast: Vector) -> list[Forecasts]:
    scores = logit(np.clip(forecast, 1e-6, 1 - 1e-6))
    left = rows["left_in_horizon"].to_numpy().astype(bool)
    days = []
    for cutoff in rows["cutoff"].unique().sort():
        inside = (rows["cutoff"] == cutoff).to_numpy()
        days.append(Forecasts(cutoff.toordinal(), scores[inside], left[inside]))
    return days


def _parts(rows: pl.DataFrame) -> Iterator[tuple[str, np.ndarray]]:
    """Parts that a company can name, from what the panel knows of each account at its day."""
    tenure = rows["tenure_days"].to_numpy()
    for at, name in enumerate(TENURE_NAMES):
        yield name, (tenure >= TENURE_DAYS[at]) & (tenure < TENURE_DAYS[at + 1])
    for value, name in ((1, "yearly contracts"), (0, "contracts by the month")):
        yield name, (rows["is_annual"] == value).fill_null(value=False).to_numpy()
    for column, words in (("mrr_minor", "monthly revenue"), ("active_days_91", "active days in 3 months")):
        known = rows[column]
        if known.null_count() < known.len():
            edges = [known.quantile(share) for share in (1 / 3, 2 / 3)]
            third = (known > edges[0]).cast(pl.Int8) + (known > edges[1]).cast(pl.Int8)
            for at, name in enumerate(THIRDS):
                yield f"{words}, {name}", (third == at).fill_null(value=False).to_numpy()
