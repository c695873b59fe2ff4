"""Assignment tables with outcomes, made by counts."""

from __future__ import annotations

from datetime import date

import polars as pl

from stillhere.results.outcomes import OUTCOMES_SCHEMA

DAY_ZERO = date(2026, 1, 5)


def outcomes(
    arm: str,
    accounts: int,
    still_here: int,
    *,
    campaign: str = "note",
    day_zero: date = DAY_ZERO,
    days: tuple[int, ...] = (30, 60, 90),
    share: float = 0.5,
    revenue_minor: int = 0,
    contacts: int = 0,
    contaminated: int = 0,
    unknown: int = 0,
) -> pl.DataFrame:
    """So many accounts of an arm, of which the first `still_here` are still here on each day."""
    numbers = pl.DataFrame({"number": range(accounts)}, schema={"number": pl.Int64})
    every = numbers.join(pl.DataFrame({"day": days}), how="cross")
    return every.select(
        campaign=pl.lit(campaign),
        account_id=pl.format("{}-{}-{}", pl.lit(arm), pl.lit(day_zero.isoformat()), "number"),
        arm=pl.lit(arm),
        holdout_share=pl.lit(share),
        day_zero=pl.lit(day_zero),
        day="day",
        is_known=pl.col("number") >= unknown,
        is_still_here=pl.col("number") < still_here,
        revenue_minor=pl.lit(revenue_minor) + pl.col("number") % 2,
        contacts=pl.lit(contacts),
        is_contaminated=pl.col("number") < contaminated,
    ).cast(pl.Schema(OUTCOMES_SCHEMA))
