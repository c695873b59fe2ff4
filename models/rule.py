"""What is said when there is too little history for a model: one stated rule, and no probability."""

from __future__ import annotations

import polars as pl

from models.predict import checked, ranked

SILENCE_RATIO = 3.0
MIN_DAYS_SILENT = 7
"""A daily user's long weekend is no news."""
RULE = f"silent at least {SILENCE_RATIO:g} times its usual gap, and at least {MIN_DAYS_SILENT} days"


def apply_rule(cadence: pl.DataFrame) -> pl.DataFrame:
    """One row an account, by id: `account_id`, `silence_ratio`, `risk_rank`, `is_flagged`.

    An account too young for a rhythm of its own is measured by the median rhythm of the others.
    """
    rows = checked(cadence)
    gap = pl.col("usual_gap_working_days").fill_null(pl.col("usual_gap_working_days").median())
    ratio = (pl.col("silent_working_days") / gap).fill_nan(None)
    measured = rows.select(
        "account_id",
        silence_ratio=ratio,
        is_flagged=((ratio >= SILENCE_RATIO) & (pl.col("days_silent") >= MIN_DAYS_SILENT)).fill_null(value=False),
    )
    return ranked(measured, by="silence_ratio")
