"""What the company's horizon makes of an account's days: features that change their meaning with it.

The chance of no active day in the horizon is BG/NBD's (`models.bg_nbd`). Its four parameters are learned from the
accounts of one past cut-off, and each account is read from the columns of its own row. Silence is that in working days,
spread over the calendar: where usage is put back to its usual, or a season taken out, these features follow.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.special import logit

from models.bg_nbd import BgNbd, Histories, fit_bg_nbd
from models.features import Matrix, matrix
from models.fit import Vector

SEEN_DAYS = 730
"""`active_days_total` counts two years: an older account is read as if it had begun then."""
MOST_ACCOUNTS = 20_000
"""Enough for four parameters; the likelihood of more would only take longer."""
LEAST_ACCOUNTS = 50
"""The fewest that a distribution is read from, as in `models.drift`."""
ALMOST_SURE = 1e-6


@dataclass(frozen=True, slots=True)
class Horizon:
    """The days within which leaving is looked for, and the rhythm of the company's accounts."""

    days: int
    rhythm: BgNbd


def learn_horizon(rows: pl.DataFrame, days: int) -> Horizon | None:
    """The rhythm of the accounts at the newest cut-off of `rows`; no outcome is read. None with too few accounts."""
    seen = rows.filter((pl.col("cutoff") == pl.col("cutoff").max()) & (pl.col("tenure_days") > 0))
    if seen.height < LEAST_ACCOUNTS:
        return None
    return Horizon(days, fit_bg_nbd(histories(seen.gather_every(-(-seen.height // MOST_ACCOUNTS)))))


def inputs(rows: pl.DataFrame, names: tuple[str, ...], horizon: Horizon | None) -> Matrix:
    """The features as doubles, for training and for tonight; without a horizon `names` may hold none of its own."""
    return matrix(rows if horizon is None else with_horizon(rows, horizon), names)


def histories(rows: pl.DataFrame) -> Histories:
    """Days with activity, age at the last of them, and age; an account that never was active has none."""
    told = rows.select(
        repeats=pl.col("active_days_total").fill_null(0),
        silent=(pl.col("silent_working_days") * 7 / pl.col("working_days_a_week")).fill_null(SEEN_DAYS),
        age=pl.col("tenure_days").fill_null(0).clip(0, SEEN_DAYS),
    )
    repeats, silent, age = (told[name].cast(pl.Float64).to_numpy() for name in ("repeats", "silent", "age"))
    return Histories(repeats, np.where(repeats > 0, np.clip(age - silent, 0, None), 0.0), age)


def with_horizon(rows: pl.DataFrame, horizon: Horizon) -> pl.DataFrame:
    """Adds the features of `models.features.HORIZON`; every input is a column of the same row."""
    days, seen = horizon.days, histories(rows)
    chance = np.clip(horizon.rhythm.no_event(seen, days), ALMOST_SURE, 1 - ALMOST_SURE)
    now, before = _active_days_within(days), _active_days_within(2 * days) - _active_days_within(days)
    return rows.with_columns(
        _series("no_active_day_log_odds", logit(chance)),
        horizon_trend_ratio=(now + 1) / (before.clip(0) + 1),
        horizon_active_days=now,
    )


def _series(name: str, values: Vector) -> pl.Series:
    return pl.Series(name, values, dtype=pl.Float64)


def _active_days_within(days: int) -> pl.Expr:
    """Active days in the last so many; between counts of 28, 91 and 182 days they are spread evenly."""
    quarter = pl.col("active_days_91")
    ends = (0, 28, 91, 182)
    counts = (pl.lit(0.0), pl.col("active_days_28"), quarter, quarter + pl.col("active_days_prev_91"))
    for at in range(1, len(ends)):
        if days <= ends[at]:
            share = (days - ends[at - 1]) / (ends[at] - ends[at - 1])
            return counts[at - 1] + (counts[at] - counts[at - 1]).clip(0) * share
    return counts[-1] * days / ends[-1]
