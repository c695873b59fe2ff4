"""How many a campaign leaves alone, and that an arm keeps the share it was drawn with."""

from __future__ import annotations

from datetime import date

import polars as pl

from stillhere.campaigns.holdouts import ASSIGNMENTS_SCHEMA, Holdouts, holdout_shares, new_assignments
from stillhere.results.planning import accounts_needed
from stillhere.settings import Campaign

AS_OF = date(2026, 9, 1)


def campaign(**values: object) -> Campaign:
    return Campaign.model_validate(
        {"id": "note", "title": "A note", "segment": "slipping", "what": "mail", "priority": 1} | values
    )


def drawn(count: int, arm: str = "treated") -> pl.DataFrame:
    return pl.DataFrame(
        [("note", f"{arm}-{nth}", arm, AS_OF, 0.5, 0.1) for nth in range(count)],
        schema=ASSIGNMENTS_SCHEMA,
        orient="row",
    )


def held_out(stored: pl.DataFrame) -> int:
    """How many of 4,000 new accounts a campaign leaves alone after what is stored."""
    holdouts, share = Holdouts.of("salt", 0.0, stored), holdout_shares([campaign()], stored)["note"]
    return sum(holdouts.arm("note", f"new-{nth}", share) == "holdout" for nth in range(4000))


def test_a_new_campaign_leaves_half_alone() -> None:
    assert holdout_shares([campaign()], drawn(0)) == {"note": 0.5}
    assert abs(held_out(drawn(0)) - 2000) < 150


def test_a_large_audience_is_left_alone_less_and_the_draw_follows() -> None:
    enough = drawn(accounts_needed(0.05, 0.1))
    assert holdout_shares([campaign()], enough) == {"note": 0.1}
    assert abs(held_out(enough) - 400) < 100


def test_the_universal_holdout_is_no_audience() -> None:
    assert holdout_shares([campaign()], drawn(9000, "universal_holdout")) == {"note": 0.5}


def test_the_share_in_a_campaigns_file_stands() -> None:
    assert holdout_shares([campaign(holdout_share=0.2)], drawn(9000)) == {"note": 0.2}


def test_who_was_left_alone_stays_so_when_the_share_falls() -> None:
    stored = drawn(3000, "holdout")
    holdouts = Holdouts.of("salt", 0.0, stored)
    assert {holdouts.arm("note", f"holdout-{nth}", 0.0) for nth in range(3000)} == {"holdout"}


def test_an_arm_is_stored_with_the_shares_it_was_drawn_with() -> None:
    decisions = pl.DataFrame(
        {"campaign": ["note"], "account_id": ["a"], "arm": ["treated"], "outcome": ["send"], "as_of": [AS_OF]}
    )
    rows = new_assignments(decisions, drawn(0), shares={"note": 0.3}, universal_share=0.1)
    assert rows.select("holdout_share", "universal_share").row(0) == (0.3, 0.1)
