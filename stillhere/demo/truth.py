"""The planted truth, written where no night looks: only benchmarks and tests read it."""

from __future__ import annotations

import numpy as np
import polars as pl

from stillhere.demo.accounts import Accounts, Flags, Texts
from stillhere.demo.billing import Billing
from stillhere.demo.calendar import LEAVES_PLANNED_DAYS, NEVER, Calendar, Days
from stillhere.demo.crm import Crm
from stillhere.demo.lived import Lived
from stillhere.demo.shapes import account_id

PLANTED_HABIT = {
    "habit": "people_active_by_day_14",
    "day": 14,
    "threshold": 3,
    "words": "at least three people active in the first two weeks",
}


def truth_of(
    accounts: Accounts, life: Lived, responses: Texts, crm: Crm, billing: Billing, calendar: Calendar
) -> pl.DataFrame:
    """One row per company in the CRM: whether, when and why it leaves, what only looks like it, how it answers."""
    leaving, horizon = life.leaving, calendar.today + LEAVES_PLANNED_DAYS
    leaves = leaving.decided <= horizon
    customers = pl.DataFrame(
        {
            "account_id": [account_id(n) for n in accounts.number.tolist()],
            "joined_on": _dates(calendar, accounts.joined),
            "will_leave": leaves,
            "decided_on": _dates(calendar, leaving.decided, leaves),
            "cancel_requested_on": _dates(calendar, leaving.cancel_requested, leaves),
            "left_on": _dates(calendar, leaving.left, leaves),
            "returned_on": _dates(calendar, life.returned),
            "cause": _texts(leaving.cause, leaves),
            "onset_on": _dates(calendar, leaving.onset, leaves),
            "trace": _texts(leaving.trace, leaves),
            "is_seasonal": accounts.is_seasonal,
            "is_test": np.zeros(len(accounts), dtype=bool),
            "has_billing": billing.has_billing,
            "merged_into": pl.Series([None] * len(accounts), dtype=pl.String),
            "decoy": _texts(leaving.decoy, leaving.decoy_at <= calendar.today),
            "cadence": accounts.cadence,
            "is_annual": accounts.is_annual,
            "people_by_day_14": accounts.people_by_day_14,
            "response": pl.Series(responses.tolist(), dtype=pl.String),
        }
    )
    extras = crm.extras.select(
        account_id=pl.Series([account_id(n) for n in crm.extras["number"].to_list()], dtype=pl.String),
        joined_on=_dates(calendar, crm.extras["joined"].to_numpy()),
        is_test=pl.col("kind") == "internal",
        merged_into=pl.when(pl.col("kind") == "merged").then(
            pl.Series([account_id(int(accounts.number[one])) for one in crm.extras["original"].to_list()])
        ),
        will_leave=pl.lit(value=False),
        is_seasonal=pl.lit(value=False),
        has_billing=pl.lit(value=False),
    )
    whole = pl.concat([customers, extras], how="diagonal_relaxed")
    return whole.filter(pl.col("joined_on") <= calendar.until)


def _dates(calendar: Calendar, days: Days, told: Flags | None = None) -> pl.Series:
    shown = days < NEVER if told is None else told & (days < NEVER)
    first = pl.lit(calendar.first).cast(pl.Date)
    known = pl.DataFrame({"day": np.where(shown, days, 0), "shown": shown})
    return known.select(pl.when("shown").then(first + pl.duration(days="day"))).to_series()


def _texts(words: Texts, told: Flags) -> pl.Series:
    found = [word if yes and word else None for word, yes in zip(words.tolist(), told.tolist(), strict=True)]
    return pl.Series(found, dtype=pl.String)
