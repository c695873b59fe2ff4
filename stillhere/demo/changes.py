"""What changes in a contract: prices, seats, plans, renewals, pauses, its end."""

from __future__ import annotations

import numpy as np
import polars as pl

from stillhere.demo.accounts import PLANS, Accounts
from stillhere.demo.calendar import NEVER, Calendar, Days
from stillhere.demo.leaving import TERM_DAYS, Leaving

RISE_SHARE_A_YEAR = 0.45
SMALL_RISES, HARD_RISES = (4, 6, 8, 10), (18, 22, 28, 35)
GROWTH_SHARE_A_YEAR, SHRINK_SHARE_A_YEAR, PAUSE_SHARE = 0.35, 0.08, 0.01
UPGRADE_SHARE, DOWNGRADE_SHARE, PRICE_DOWNGRADE_SHARE = 0.14, 0.04, 0.3


def draw_changes(
    rng: np.random.Generator,
    accounts: Accounts,
    leaving: Leaving,
    calendar: Calendar,
    lived: Leaving | None = None,
) -> pl.DataFrame:
    """Everything that begins a new period: account's position, day, kind, value (per cent, plans up, or state).

    What is drawn follows from the plan (`leaving`), so that it is the same whatever has happened since; contracts end
    as they do in the life that was `lived`.
    """
    ends = leaving if lived is None else lived
    parts = [
        _rises(rng, accounts, leaving, calendar),
        _seat_changes(rng, accounts, leaving),
        _plan_changes(rng, accounts, leaving),
        _renewals(accounts, calendar),
        _pauses(rng, accounts, leaving, calendar),
        _endings(ends),
        pl.DataFrame({"account": np.arange(len(accounts)), "day": accounts.joined, "kind": "start", "value": 0}),
    ]
    changes = pl.concat([part.select("account", "day", "kind", pl.col("value").cast(pl.Int64)) for part in parts])
    joined = pl.DataFrame({"account": np.arange(len(accounts)), "joined": accounts.joined, "left": ends.left})
    inside = changes.join(joined, on="account").filter(
        (pl.col("day") >= pl.col("joined")) & (pl.col("day") < pl.col("left")) | (pl.col("kind") == "end")
    )
    return inside.drop("joined", "left").unique(["account", "day", "kind"]).sort("account", "day", "kind")


def _rises(rng: np.random.Generator, accounts: Accounts, leaving: Leaving, calendar: Calendar) -> pl.DataFrame:
    """Usual rises at anniversaries; a hard one before those leave who leave for the price, and for some who stay."""
    count = len(accounts)
    anniversary = accounts.joined + TERM_DAYS * (1 + (np.maximum(-accounts.joined, 0) // TERM_DAYS))
    usual = rng.random(count) < RISE_SHARE_A_YEAR
    for_price = leaving.cause == "price"
    hard_stayers = ~for_price & (rng.random(count) < 0.05) & (accounts.joined < calendar.days - 200)
    hard_day = np.where(for_price, leaving.onset, calendar.days - rng.integers(60, 500, count))
    shown = for_price & (leaving.strength > 0)
    return pl.concat(
        [
            _frame(np.arange(count)[usual], anniversary[usual], "rise", rng.choice(SMALL_RISES, int(usual.sum()))),
            _frame(
                np.arange(count)[shown | hard_stayers],
                hard_day[shown | hard_stayers],
                "rise",
                rng.choice(HARD_RISES, int((shown | hard_stayers).sum())),
            ),
        ]
    )


def _seat_changes(rng: np.random.Generator, accounts: Accounts, leaving: Leaving) -> pl.DataFrame:
    count = len(accounts)
    grows = rng.random(count) < GROWTH_SHARE_A_YEAR * 2
    shrinks = rng.random(count) < SHRINK_SHARE_A_YEAR * 2
    day = accounts.joined + rng.integers(60, 700, count)
    for_price = (leaving.cause == "price") & (rng.random(count) < 0.6 * leaving.strength)
    fading = (leaving.cause == "fading_use") & (rng.random(count) < 0.25 * leaving.strength)
    smaller = for_price | fading
    return pl.concat(
        [
            _frame(np.arange(count)[grows], day[grows], "seats", rng.integers(10, 60, int(grows.sum()))),
            _frame(
                np.arange(count)[shrinks & ~grows],
                day[shrinks & ~grows],
                "seats",
                -rng.integers(10, 40, int((shrinks & ~grows).sum())),
            ),
            _frame(
                np.arange(count)[smaller],
                leaving.onset[smaller] + rng.integers(8, 24, int(smaller.sum())),
                "seats",
                -rng.integers(25, 60, int(smaller.sum())),
            ),
        ]
    )


def _plan_changes(rng: np.random.Generator, accounts: Accounts, leaving: Leaving) -> pl.DataFrame:
    """One plan up or down; some who find it too dear try the smaller plan before they leave."""
    count = len(accounts)
    drawn = rng.random(count)
    place = np.array([PLANS.index(one) for one in accounts.plan])
    for_price = (leaving.cause == "price") & (rng.random(count) < PRICE_DOWNGRADE_SHARE * leaving.strength)
    up = (drawn < UPGRADE_SHARE) & (place < len(PLANS) - 1) & ~for_price
    down = (drawn > 1 - DOWNGRADE_SHARE) & (place > 0) & ~for_price
    tries = for_price & (place > 0)
    day = accounts.joined + rng.integers(90, 800, count)
    late = leaving.onset + rng.integers(5, 20, count)
    return pl.concat(
        [
            _frame(np.nonzero(up)[0], day[up], "plan", np.ones(int(up.sum()))),
            _frame(np.nonzero(down)[0], day[down], "plan", -np.ones(int(down.sum()))),
            _frame(np.nonzero(tries)[0], late[tries], "plan", -np.ones(int(tries.sum()))),
        ]
    )


def _renewals(accounts: Accounts, calendar: Calendar) -> pl.DataFrame:
    """A yearly contract begins a new term every year, until it ends."""
    yearly = np.nonzero(accounts.is_annual)[0]
    terms = (calendar.days - accounts.joined[yearly]) // TERM_DAYS
    account = np.repeat(yearly, np.maximum(terms, 0))
    nth = np.arange(len(account)) - np.repeat(np.cumsum(terms) - terms, terms) + 1
    return _frame(account, accounts.joined[account] + nth * TERM_DAYS, "renewal", np.zeros(len(account)))


def _pauses(rng: np.random.Generator, accounts: Accounts, leaving: Leaving, calendar: Calendar) -> pl.DataFrame:
    count = len(accounts)
    pauses = (rng.random(count) < PAUSE_SHARE) & ~leaving.leaves & ~accounts.is_annual
    begins = np.maximum(accounts.joined + 150, rng.integers(30, calendar.days, count))
    who = np.nonzero(pauses)[0]
    return pl.concat(
        [
            _frame(who, begins[who], "pause", np.ones(len(who))),
            _frame(who, begins[who] + 45, "pause", np.zeros(len(who))),
        ]
    )


def _endings(leaving: Leaving) -> pl.DataFrame:
    asked = np.nonzero(leaving.cancel_requested < NEVER)[0]
    unpaid = np.nonzero((leaving.cause == "payment_failure") & leaving.leaves)[0]
    ended = np.nonzero(leaving.leaves)[0]
    return pl.concat(
        [
            _frame(asked, leaving.cancel_requested[asked], "cancel", np.zeros(len(asked))),
            _frame(unpaid, leaving.left[unpaid] - 7, "unpaid", np.zeros(len(unpaid))),
            _frame(ended, leaving.left[ended], "end", np.zeros(len(ended))),
        ]
    )


def _frame(account: Days, day: Days, kind: str, value: object) -> pl.DataFrame:
    return pl.DataFrame({"account": account, "day": day, "value": np.asarray(value).astype(np.int64)}).with_columns(
        kind=pl.lit(kind)
    )
