"""What stops a result from being shown: arms of an unlikely size, contacts of the held out, lost sight."""

from __future__ import annotations

from statistics import NormalDist

import polars as pl

from stillhere.results.outcomes import TREATED

SAMPLE_RATIO_LEVEL = 0.001
"""A rarer ratio than one in a thousand is a fault, not luck. Every campaign is looked at every night, hence so low."""
SAMPLE_RATIO_Z = NormalDist().inv_cdf(1 - SAMPLE_RATIO_LEVEL / 2)
MOST_CONTAMINATED = 0.01
"""Of the held out: above one in a hundred something sends past the arbiter, whatever it does to the figure."""
MOST_UNKNOWN = 0.02
"""Of those drawn, erased or merged away: more could be a difference of its own between the arms."""


def stops(counts: pl.DataFrame, control_arm: str) -> pl.DataFrame:
    """Why a campaign's result is not shown, in words: a row a campaign, `stopped_because` null where nothing stops it.

    Counts are those of one day D; every day has the same draws.
    """
    compared = counts.filter(pl.col("arm").is_in([TREATED, control_arm]))
    first_day = compared.filter(pl.col("day") == pl.col("day").min().over("campaign"))
    held = pl.col("arm") == control_arm
    known = pl.col("holdout_share").is_not_null()
    chance = pl.col("holdout_share")
    found = first_day.group_by("campaign").agg(
        held=pl.col("drawn").filter(held & known).sum(),
        expected=(pl.col("drawn") * chance).sum(),
        spread=(pl.col("drawn") * chance * (1 - chance)).sum().sqrt(),
        control=pl.col("drawn").filter(held).sum(),
        contaminated=pl.col("contaminated").filter(held).sum(),
        unknown=pl.col("unknown").sum(),
        drawn=pl.col("drawn").sum(),
    )
    # Half an account for the step between whole numbers, which matters while there are few.
    off = (pl.col("held") - pl.col("expected")).abs() - 0.5 > SAMPLE_RATIO_Z * pl.col("spread")
    ratio = pl.format(
        "{} held out where {} were expected of so many: arms of that size are no chance",
        "held",
        pl.col("expected").round(0).cast(pl.Int64),
    )
    contaminated = pl.format("{} of {} held out were contacted all the same", "contaminated", "control")
    unknown = pl.format("{} of {} drawn are no longer known, erased or merged", "unknown", "drawn")
    words = (
        pl.when(off)
        .then(ratio)
        .when(pl.col("contaminated") > MOST_CONTAMINATED * pl.col("control"))
        .then(contaminated)
        .when(pl.col("unknown") > MOST_UNKNOWN * pl.col("drawn"))
        .then(unknown)
    )
    return found.select("campaign", stopped_because=words)
