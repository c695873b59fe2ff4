"""While a result waits: the ±X that the accounts drawn so far will show, and the day on which it is enough."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from math import ceil

import polars as pl

from stillhere.results.outcomes import TREATED, control_arm
from stillhere.results.planning import PLANNING_SHARE, accounts_needed, plus_minus
from stillhere.results.plans import Plan

PACE_DAYS = 28
"""The pace at which accounts are drawn is that of the last four weeks."""
MATURED_TO_BELIEVE = 30
"""From so many on, both arms together, their own share of those still here replaces the planner's."""
FARTHEST_DAYS = 3 * 365
"""A later day is none: too much changes until then."""

OUTLOOK_SCHEMA = {"campaign": pl.String, "plus_minus": pl.Float64, "enough_by": pl.Date}


def outlooks(rows: pl.DataFrame, plans: Sequence[Plan], as_of: date) -> pl.DataFrame:
    """One row a campaign: see OUTLOOK_SCHEMA; null where an arm is empty, or where no day can be named.

    Looks at both arms together, never at one against the other.
    """
    held = pl.col("arm") == control_arm()
    of_test = rows.filter(pl.col("in_test") & (held | (pl.col("arm") == TREATED)))
    recent = pl.col("day_zero") > as_of - timedelta(days=PACE_DAYS)
    drawn = (
        of_test.filter(pl.col("day") == pl.col("day").min().over("campaign"))
        .group_by("campaign")
        .agg(
            treated=(~held).sum(),
            control=held.sum(),
            recent=recent.sum(),
            since=pl.col("day_zero").min(),
        )
    )
    judged = pl.DataFrame(
        [(one.campaign, one.success_day) for one in plans],
        schema={"campaign": pl.String, "day": pl.Int32},
        orient="row",
    )
    shares = (
        of_test.join(judged, on=["campaign", "day"])
        .group_by("campaign")
        .agg(matured=pl.col("is_matured").sum(), still_here=(pl.col("is_matured") & pl.col("is_still_here")).sum())
    )
    found = {row["campaign"]: row for row in drawn.join(shares, on="campaign", how="left").to_dicts()}
    told = [_outlook(found[plan.campaign], plan, as_of) for plan in plans if plan.campaign in found]
    return pl.DataFrame(told, schema=OUTLOOK_SCHEMA, orient="row")


def _outlook(row: dict[str, object], plan: Plan, as_of: date) -> tuple[str, float | None, date | None]:
    treated, control, recent, matured, still_here = (
        int(str(row[name] or 0)) for name in ("treated", "control", "recent", "matured", "still_here")
    )
    share = still_here / matured if matured >= MATURED_TO_BELIEVE else PLANNING_SHARE
    # With nobody gone, or nobody left, a share says that nothing can vary; the planner's does.
    share = share if 0 < share < 1 else PLANNING_SHARE
    width = plus_minus(treated, control, share)
    width = None if width is None else round(width, 9)
    if treated == 0 or control == 0 or not isinstance(row["since"], date):
        return plan.campaign, width, None
    missing = accounts_needed(plan.effect, control / (treated + control), share) - treated - control
    pace = recent / min(PACE_DAYS, (as_of - row["since"]).days + 1)
    return plan.campaign, width, _enough_by(missing, pace, plan, as_of)


def _enough_by(missing: int, pace: float, plan: Plan, as_of: date) -> date | None:
    """The day on which enough accounts have come to their day D; never before the horizon."""
    if missing > 0 and (pace <= 0 or missing / pace > FARTHEST_DAYS):
        return None
    drawn_by = as_of + timedelta(days=ceil(missing / pace) if missing > 0 else 0)
    ready = drawn_by + timedelta(days=plan.success_day)
    if missing <= 0 and plan.horizon_date is not None:
        return max(plan.horizon_date, as_of + timedelta(days=1))
    return max(ready, plan.horizon_date) if plan.horizon_date is not None else ready
