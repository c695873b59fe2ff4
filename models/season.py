"""Accounts that are quiet now as they were in the same weeks a year ago.

Two years of data hold each August at most twice, so a model can't learn this by itself in time. It is stated
instead: where last year's dip was followed by a return (the account is still here), the same dip this year is a
habit, and its usage features are put back to the account's usual before the model sees them, in training as tonight.
"""

from __future__ import annotations

import polars as pl

from models.features import open_days_28

DIP = 0.67
"""Last year's four weeks count as a dip when their trend was at most this..."""
DIP_NOISE = 1.5
"""... and the fall was more than this many standard deviations of a Poisson count: rare users dip by chance."""
AS_LAST_YEAR = 0.6
"""This year's four weeks are "as last year" from this share of last year's on (one day either way is allowed)."""


def as_last_year() -> pl.Expr:
    """True where the last four weeks are low, and about as low as the same four weeks were a year ago."""
    last_year, trend = pl.col("same_weeks_last_year_active_days"), pl.col("same_weeks_last_year_trend_ratio")
    before_that = (last_year + 1) / trend - 1
    dipped = (trend <= DIP) & (before_that - last_year >= DIP_NOISE * before_that.clip(0).sqrt())
    low_now = pl.col("active_days_28") < open_days_28()
    returned = pl.col("active_days_prev_91") > 0
    return (dipped & low_now & returned & (pl.col("active_days_28") + 1 >= AS_LAST_YEAR * last_year)).fill_null(
        value=False
    )
