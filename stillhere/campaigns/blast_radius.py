"""How many are too many: a campaign that would reach far more people than usual is held for a person's yes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from math import ceil, floor

import polars as pl

from stillhere.campaigns.facts import Held

USUAL_FLOOR = 50
"""Below this, what is usual says nothing: a campaign that reached three people each night may reach forty."""
USUAL_NIGHTS = 28
"""Four weeks, so that each weekday and the turn of a month are among them."""
USUAL_SHARE = 0.9
"""A percentile instead of the largest: one night that a person has released must not become what is usual."""
TIMES_USUAL = 2


def live_nights_before(history: pl.DataFrame, as_of: date) -> int:
    """How many earlier nights were handed over live: those that left a contact or a held-out account's place."""
    return history.filter(pl.col("as_of") < as_of)["as_of"].n_unique()


def usual_counts(history: pl.DataFrame, as_of: date) -> dict[str, int]:
    """Campaign to what it usually reaches in a night: the 90th percentile of the last 28 live nights, at least 50.

    A live night on which a campaign reached nobody counts as 0. Places of held-out accounts reach nobody.
    """
    past = history.filter(pl.col("as_of") < as_of)
    nights = past["as_of"].unique().sort(descending=True).head(USUAL_NIGHTS)
    reached = past.filter(pl.col("as_of").is_in(nights.to_list()) & pl.col("outcome").ne_missing("holdout"))
    counted = reached.group_by("campaign", "as_of").len()
    return {
        campaign: max(USUAL_FLOOR, _percentile(counts, nights.len()))
        for campaign, counts in counted.group_by("campaign").agg("len").iter_rows()
    }


def find_too_many(
    decisions: pl.DataFrame, base: int, max_share: float, usual: Mapping[str, int] | None = None
) -> dict[str, Held]:
    """Campaigns that would reach more than twice the usual, or than `max_share` of the base, with the hold's words.

    Up to 50 people are never too many: a share of a small base would hold everything.
    """
    by_share = max(USUAL_FLOOR, floor(base * max_share))
    # What the whole night holds is counted too: a release of the night must not let a flood through.
    counts = (
        decisions.filter(pl.col("outcome").is_in(["send", "call", "held"])).group_by("campaign").len().sort("campaign")
    )
    found = {}
    for campaign, count in counts.iter_rows():
        normal = (usual or {}).get(campaign, USUAL_FLOOR)
        if count > by_share:
            words = f"more than {by_share} of {base} customers needs a person's yes"
        elif count > TIMES_USUAL * normal:
            words = f"more than {TIMES_USUAL} x {normal}, which is usual for it, needs a person's yes"
        else:
            continue
        found[campaign] = Held("too_many", f"{count} in one night; {words}")
    return found


def _percentile(counts: list[int], nights: int) -> int:
    """The smallest count that at least nine in ten nights do not pass; nights without one count as 0."""
    ordered = sorted([*counts, *[0] * (nights - len(counts))])
    return ordered[ceil(USUAL_SHARE * nights) - 1]
