"""What the results are made from: one row an account of a campaign and a day D, and its counts by arm."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from stillhere.results.plans import EVERY_CAMPAIGN, Plan

TREATED, HOLDOUT, UNIVERSAL = "treated", "holdout", "universal_holdout"

OUTCOMES_SCHEMA: dict[str, pl.DataType] = {
    "campaign": pl.String(),
    "account_id": pl.String(),
    "arm": pl.String(),
    "holdout_share": pl.Float64(),
    "day_zero": pl.Date(),
    "day": pl.Int32(),
    "is_known": pl.Boolean(),
    "is_still_here": pl.Boolean(),
    "revenue_minor": pl.Int64(),
    "contacts": pl.Int64(),
    "is_contaminated": pl.Boolean(),
}
"""`intermediate.int_campaign_outcomes`. `holdout_share`: the chance of being held out when it was drawn; null: unknown.

`is_known`: the marts still know the account. `revenue_minor` and `contacts` are those after day 0 and up to day D.
`is_contaminated`: held out, and contacted by the campaign all the same.
"""

COUNTS = ("assigned", "drawn", "unknown", "contaminated", "matured", "still_here", "revenue_minor", "contacts")


def control_arm() -> pl.Expr:
    """The arm that a row's campaign is compared with: its own holdout, or for the whole programme the universal one."""
    return pl.when(pl.col("campaign") == EVERY_CAMPAIGN).then(pl.lit(UNIVERSAL)).otherwise(pl.lit(HOLDOUT))


def followed(outcomes: pl.DataFrame, plans: Sequence[Plan], as_of: date) -> pl.DataFrame:
    """The rows of planned campaigns, with `in_test`, `is_matured` and `net_minor` (revenue less what contacts cost).

    An account is matured when its day D has passed, it is in the test and still known.
    """
    planned = pl.DataFrame(
        [(one.campaign, one.after, one.last_day_zero, one.cost_minor) for one in plans],
        schema={"campaign": pl.String, "after": pl.Date, "last_day_zero": pl.Date, "cost_minor": pl.Int64},
        orient="row",
    )
    in_time = pl.col("last_day_zero").is_null() | (pl.col("day_zero") <= pl.col("last_day_zero"))
    in_test = in_time & (pl.col("after").is_null() | (pl.col("day_zero") > pl.col("after")))
    day_passed = pl.col("day_zero") + pl.duration(days="day") <= pl.lit(as_of)
    return outcomes.join(planned, on="campaign").with_columns(
        in_test=in_test,
        is_matured=in_test & day_passed & pl.col("is_known"),
        net_minor=pl.col("revenue_minor") - pl.col("contacts") * pl.col("cost_minor"),
    )


def counted(rows: pl.DataFrame) -> pl.DataFrame:
    """One row a campaign, day, arm and share it was drawn with; sums, and mean and variance of the net revenue."""
    matured = pl.col("is_matured")
    net = pl.col("net_minor").filter(matured).cast(pl.Float64)
    return (
        rows.group_by("campaign", "day", "arm", "holdout_share")
        .agg(
            assigned=pl.len(),
            drawn=pl.col("in_test").sum(),
            unknown=(pl.col("in_test") & ~pl.col("is_known")).sum(),
            contaminated=(pl.col("in_test") & pl.col("is_contaminated")).sum(),
            matured=matured.sum(),
            still_here=(matured & pl.col("is_still_here")).sum(),
            revenue_minor=pl.col("revenue_minor").filter(matured).sum(),
            contacts=pl.col("contacts").filter(matured).sum(),
            net_mean=net.mean(),
            net_variance=net.var(),
        )
        .with_columns(pl.col(COUNTS).cast(pl.Int64))
        .sort("campaign", "day", "arm", "holdout_share")
    )


def of_arm(counts: pl.DataFrame, arm: str) -> pl.DataFrame:
    """The counts of one arm, strata together: one row a campaign and day."""
    return counts.filter(pl.col("arm") == arm).group_by("campaign", "day").agg(pl.col(COUNTS).sum())
