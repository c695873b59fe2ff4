"""The mart `campaign_results`: one row a campaign, arm and day D, with the difference where it may be told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import polars as pl

from stillhere.results.checks import stops
from stillhere.results.intervals import Differences, Floats, Ints, Means, Shares, mean_differences, share_differences
from stillhere.results.outcomes import COUNTS, HOLDOUT, TREATED, UNIVERSAL, control_arm, counted, followed
from stillhere.results.outlook import outlooks
from stillhere.results.plans import EVERY_CAMPAIGN, Plan

RESULTS_SCHEMA: dict[str, pl.DataType] = {
    "campaign": pl.String(),
    "arm": pl.String(),
    "day": pl.Int32(),
    "is_primary": pl.Boolean(),
    "assigned": pl.Int64(),
    "in_test": pl.Int64(),
    "matured": pl.Int64(),
    "still_here": pl.Int64(),
    "still_here_share": pl.Float64(),
    "revenue_minor": pl.Int64(),
    "contacts": pl.Int64(),
    "cost_minor": pl.Int64(),
    "net_revenue_minor": pl.Int64(),
    "difference": pl.Float64(),
    "interval_low": pl.Float64(),
    "interval_high": pl.Float64(),
    "net_difference_minor": pl.Int64(),
    "net_interval_low_minor": pl.Int64(),
    "net_interval_high_minor": pl.Int64(),
    "verdict": pl.String(),
    "horizon_date": pl.Date(),
    "plus_minus": pl.Float64(),
    "enough_by": pl.Date(),
    "stopped_because": pl.String(),
}
"""Differences and the columns after them stand in the row of the treated arm. `net_…` are an account, minor units."""

EFFECT, NO_EFFECT, DIFFERENCE, NOT_YET, NOT_SHOWN = (
    "effect",
    "no effect seen",
    "difference",
    "cannot tell yet",
    "not shown",
)
TOLD = (EFFECT, NO_EFFECT, DIFFERENCE)
KEY = ["campaign", "day"]


def results_of(outcomes: pl.DataFrame, plans: Sequence[Plan], as_of: date) -> pl.DataFrame:
    """Results as of a day (see RESULTS_SCHEMA), ordered; campaigns without a plan are left out.

    `outcomes` as in OUTCOMES_SCHEMA. A difference is told only from the horizon on, when every account of the test has
    come to its day D and nothing stops it. Only the primary outcome is tested: it alone can be an effect.
    """
    rows = followed(outcomes, plans, as_of)
    counts = counted(rows)
    arms = counts.group_by("campaign", "day", "arm").agg(pl.col(COUNTS).sum())
    arms = arms.join(_compared(arms, counts, plans, as_of, outlooks(rows, plans, as_of)), on=KEY, how="left")
    is_treated = pl.col("arm") == TREATED
    beside_treated = ["difference", "interval_low", "interval_high", *NET, "verdict", "horizon_date"]
    beside_treated += ["plus_minus", "enough_by", "stopped_because"]
    costs = pl.DataFrame(
        [(one.campaign, one.cost_minor, one.success_day) for one in plans],
        schema={"campaign": pl.String, "contact_minor": pl.Int64, "success_day": pl.Int32},
        orient="row",
    )
    return (
        arms.join(costs, on="campaign", how="left")
        .with_columns(
            in_test="drawn",
            is_primary=pl.col("day") == pl.col("success_day"),
            still_here_share=(pl.col("still_here") / pl.when(pl.col("matured") > 0).then("matured")).round(9),
            cost_minor=pl.col("contacts") * pl.col("contact_minor"),
            net_revenue_minor=pl.col("revenue_minor") - pl.col("contacts") * pl.col("contact_minor"),
            **{name: pl.when(is_treated).then(name) for name in beside_treated},
        )
        .select(list(RESULTS_SCHEMA))
        .cast(pl.Schema(RESULTS_SCHEMA))
        .sort("campaign", "day", "arm")
    )


NET = ("net_difference_minor", "net_interval_low_minor", "net_interval_high_minor")


def _compared(
    arms: pl.DataFrame, counts: pl.DataFrame, plans: Sequence[Plan], as_of: date, ahead: pl.DataFrame
) -> pl.DataFrame:
    """One row a campaign and day: the difference, its verdict, and what is to come."""
    pairs = arms.select(KEY).unique().sort(KEY).with_row_index("row")
    of_control = counts.filter(pl.col("arm") == control_arm())
    strata = counts.filter(pl.col("arm") == TREATED).join(
        of_control, on=[*KEY, "holdout_share"], how="inner", nulls_equal=True, suffix="_control"
    )
    strata = strata.join(pairs, on=KEY).sort("row", "holdout_share")
    shares, means = _shares(strata, pairs.height), _means(strata, pairs.height)
    table = pairs.with_columns(
        **_columns(share_differences(shares), ("difference", "interval_low", "interval_high"), 9),
        **_columns(mean_differences(means), NET, 0),
    )
    table = table.join(_states(arms, plans, as_of), on=KEY, how="left").join(ahead, on="campaign", how="left")
    stopped = [
        stops(counts.filter(pl.col("campaign") != EVERY_CAMPAIGN), HOLDOUT),
        stops(counts.filter(pl.col("campaign") == EVERY_CAMPAIGN), UNIVERSAL),
    ]
    table = table.join(pl.concat(stopped), on="campaign", how="left").with_columns(verdict=_verdict())
    told = pl.col("verdict").is_in(TOLD)
    waits = pl.col("verdict") == NOT_YET
    hidden = {name: pl.when(told).then(name) for name in ("difference", "interval_low", "interval_high", *NET)}
    hidden |= {name: pl.when(waits).then(name) for name in ("plus_minus", "enough_by")}
    return table.with_columns(**hidden).drop("row")


def _states(arms: pl.DataFrame, plans: Sequence[Plan], as_of: date) -> pl.DataFrame:
    """Whether a campaign's day can be told: the horizon has come, and every account of the test has come to its day."""
    planned = pl.DataFrame(
        [(one.campaign, one.horizon_date, one.success_day) for one in plans],
        schema={"campaign": pl.String, "horizon_date": pl.Date, "success_day": pl.Int32},
        orient="row",
    )
    both = arms.filter((pl.col("arm") == TREATED) | (pl.col("arm") == control_arm()))
    states = both.group_by(KEY).agg(
        is_whole=(pl.col("matured") + pl.col("unknown") == pl.col("drawn")).all(),
        has_both=(pl.len() == 2) & (pl.col("matured") > 0).all(),
    )
    judged = (pl.col("horizon_date") <= pl.lit(as_of)).fill_null(value=False)
    return states.join(planned, on="campaign").select(
        *KEY,
        "horizon_date",
        is_tested=pl.col("day") == pl.col("success_day"),
        can_be_told=judged & pl.col("is_whole") & pl.col("has_both"),
    )


def _verdict() -> pl.Expr:
    is_sure = (pl.col("interval_low") > 0) | (pl.col("interval_high") < 0)
    return (
        pl.when(pl.col("stopped_because").is_not_null())
        .then(pl.lit(NOT_SHOWN))
        .when(~pl.col("can_be_told").fill_null(value=False) | pl.col("difference").is_null())
        .then(pl.lit(NOT_YET))
        .when(~pl.col("is_tested"))
        .then(pl.lit(DIFFERENCE))
        .when(is_sure)
        .then(pl.lit(EFFECT))
        .otherwise(pl.lit(NO_EFFECT))
    )


def _columns(found: Differences, names: tuple[str, ...], decimals: int) -> dict[str, pl.Series]:
    values = (found.value, found.low, found.high)
    return {
        name: pl.Series(np.round(value, decimals), dtype=pl.Float64).fill_nan(None)
        for name, value in zip(names, values, strict=True)
    }


def _shares(strata: pl.DataFrame, rows: int) -> Shares:
    names = ("matured", "still_here", "matured_control", "still_here_control")
    return Shares(_row(strata), rows, *(_doubles(strata, name) for name in names))


def _means(strata: pl.DataFrame, rows: int) -> Means:
    names = ("matured", "net_mean", "net_variance", "matured_control", "net_mean_control", "net_variance_control")
    return Means(_row(strata), rows, *(_doubles(strata, name) for name in names))


def _row(strata: pl.DataFrame) -> Ints:
    return strata["row"].cast(pl.Int64).to_numpy()


def _doubles(strata: pl.DataFrame, name: str) -> Floats:
    return strata[name].cast(pl.Float64).fill_null(0.0).to_numpy()
