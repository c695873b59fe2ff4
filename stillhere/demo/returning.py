"""Who comes back after leaving: some after a win-back, a few by themselves."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl

from stillhere.demo.accounts import Flags, Texts
from stillhere.demo.calendar import NEVER, Calendar, Days
from stillhere.demo.leaving import Leaving
from stillhere.demo.lived import positions_of
from stillhere.demo.record import ANSWERS_SCHEMA
from stillhere.demo.responses import PERSUADABLE

WIN_BACK_FROM_DAYS = 30
"""Whoever is turned to so long after access has ended is won back, if at all; a goodbye comes earlier."""
WON_BACK_SHARE = 0.4
"""Of the persuadable who notice it; lost causes are lost."""
WON_BACK_AFTER_DAYS = (2, 22)
BY_THEMSELVES_SHARE = 0.06
BY_THEMSELVES_AFTER_DAYS = (10, 150)
"""After access has ended. Some are back before a company calls it a churn."""


def draw_returns(rng: np.random.Generator, planned: Leaving) -> Days:
    """The day on which each customer is back by itself after leaving as planned; NEVER for most."""
    count = len(planned.left)
    returns = planned.leaves & (rng.random(count) < BY_THEMSELVES_SHARE)
    days: Days = np.where(returns, planned.left + rng.integers(*BY_THEMSELVES_AFTER_DAYS, count), NEVER)
    return days


def is_won_back(rng: np.random.Generator, planned: Leaving, responses: Texts, at: Days, today: int) -> Flags:
    """Which noticed deliveries, one a position in `at`, bring back who has left as planned."""
    is_gone = planned.left[at] <= today - WIN_BACK_FROM_DAYS
    won: Flags = is_gone & (responses[at] == PERSUADABLE) & (rng.random(len(at)) < WON_BACK_SHARE)
    return won


def with_returns(
    record: pl.DataFrame, returns: Days, responses: Texts, calendar: Calendar, until: date
) -> pl.DataFrame:
    """The record with who comes back by themselves after the calendar's last day, up to and with `until`.

    Whoever an answer has kept, lost or brought back already lives as it says.
    """
    changed = np.zeros(len(returns), dtype=bool)
    changed[positions_of(record.filter(pl.col("effect") != "none")["account_id"])] = True
    here = np.nonzero((returns > calendar.today) & (returns <= calendar.day_of(until)) & ~changed)[0]
    here = here[np.argsort(returns[here], kind="stable")]
    days = [calendar.first + timedelta(days=day) for day in returns[here].tolist()]
    rows = pl.DataFrame(
        {
            "kind": "return",
            "account_id": [f"ACC-{at + 1:06d}" for at in here.tolist()],
            "as_of": days,
            "answered_from": days,
            "response": responses[here].tolist(),
            "was_reached": False,
            "effect": "returned",
            "effect_on": days,
        },
        schema={name: kind for name, kind in ANSWERS_SCHEMA.items() if name in RETURN_COLUMNS},
    )
    return pl.concat([record, rows], how="diagonal").select(list(ANSWERS_SCHEMA))


RETURN_COLUMNS = ("kind", "account_id", "as_of", "answered_from", "response", "was_reached", "effect", "effect_on")
"""What there is to say of a return that followed nothing."""
