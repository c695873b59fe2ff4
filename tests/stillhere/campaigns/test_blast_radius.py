"""How many are too many, and how the first live nights grow."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillhere.campaigns.arbiter import decide
from stillhere.campaigns.blast_radius import USUAL_FLOOR, find_too_many, usual_counts
from stillhere.campaigns.facts import HISTORY_SCHEMA
from stillhere.campaigns.ramp import mails_allowed, ramped
from tests.stillhere.campaigns.world import (
    TUESDAY_NIGHT,
    accounts,
    campaign,
    candidates,
    facts,
    frame,
    limits,
    outcomes,
    rules,
    wide,
)

DAY = timedelta(days=1)


def live_nights(*counts: int, name: str = "slipping", outcome: str = "send") -> pl.DataFrame:
    """A history of nights that reached so many each, the last of them yesterday."""
    rows = [
        {"campaign": name, "account_id": f"n{at}-{one}", "as_of": TUESDAY_NIGHT - (len(counts) - at) * DAY}
        for at, count in enumerate(counts)
        for one in range(count)
    ]
    return frame([{**row, "outcome": outcome} for row in rows], HISTORY_SCHEMA)


def tonight(many: int, name: str = "slipping") -> pl.DataFrame:
    rows = [{"account_id": f"a{number:05}"} for number in range(many)]
    found = candidates(*({**row, "campaign": name} for row in rows))
    return decide(found, facts(accounts(*rows).pipe(_wide)), rules(campaign(name)), TUESDAY_NIGHT)


def _wide(frame_: pl.DataFrame) -> pl.DataFrame:
    return wide([{"account_id": account} for account in frame_["account_id"]])


def test_usual_is_the_ninetieth_percentile_and_one_released_flood_is_not_usual() -> None:
    assert usual_counts(live_nights(*[80] * 27, 5000), TUESDAY_NIGHT) == {"slipping": 80}
    assert usual_counts(live_nights(*[80] * 25, *[300] * 3), TUESDAY_NIGHT) == {"slipping": 300}


def test_usual_has_a_floor_and_looks_at_28_live_nights_only() -> None:
    assert usual_counts(live_nights(3, 2, 4), TUESDAY_NIGHT) == {"slipping": USUAL_FLOOR}
    assert usual_counts(live_nights(*[900] * 10, *[70] * 28), TUESDAY_NIGHT) == {"slipping": 70}


def test_held_out_accounts_are_not_reached() -> None:
    both = pl.concat([live_nights(60), live_nights(400, outcome="holdout")])
    assert usual_counts(both, TUESDAY_NIGHT) == {"slipping": 60}


@pytest.mark.parametrize(("count", "held"), [(120, False), (121, True)])
def test_more_than_twice_the_usual_is_held(count: int, held: bool) -> None:
    found = find_too_many(tonight(count), base=100_000, max_share=0.05, usual={"slipping": 60})
    assert bool(found) is held
    if held:
        assert "2 x 60, which is usual for it" in found["slipping"].words


def test_a_new_campaign_may_reach_a_hundred_and_no_more() -> None:
    assert find_too_many(tonight(100), 100_000, 0.05) == {}
    assert set(find_too_many(tonight(101), 100_000, 0.05)) == {"slipping"}


def test_the_share_of_the_base_holds_whatever_is_usual() -> None:
    assert (
        "more than 100 of 2000 customers"
        in find_too_many(tonight(101), 2000, 0.05, {"slipping": 500})["slipping"].words
    )


def test_the_ramp_doubles_with_each_live_night_and_ends() -> None:
    given_limits = limits(first_nights=4, first_night_mails=50)
    assert [mails_allowed(given_limits, nights) for nights in range(6)] == [50, 100, 200, 400, None, None]
    assert mails_allowed(limits(first_night_mails=None), 0) is None


@given(
    stakes=st.lists(st.integers(0, 10_000), min_size=1, max_size=40),
    allowed=st.integers(0, 45),
    share=st.sampled_from([0.0, 0.3, 0.9]),
)
def test_the_ramp_lets_in_the_most_value_at_risk_and_no_arm_buys_a_place(stakes, allowed, share) -> None:
    rows = [{"account_id": f"a{number:03}"} for number in range(len(stakes))]
    campaigns = [campaign("slipping", holdout_share=share)]
    found = candidates(*({**row, "campaign": "slipping"} for row in rows))
    world = wide(rows).with_columns(value_at_stake_minor=pl.Series(stakes, dtype=pl.Float64))
    before = decide(found, facts(world), rules(*campaigns), TUESDAY_NIGHT)
    after = ramped(before, world, campaigns, allowed)
    assert after.columns == before.columns
    taken = after.filter(pl.col("outcome") != "lost")
    assert taken.height == min(allowed, len(stakes))
    # Whoever has a place keeps what was decided, arm and all.
    assert taken.equals(before.join(taken, on="account_id", how="semi"))
    by_id = dict(zip(world["account_id"], world["value_at_stake_minor"], strict=True))
    inside = [by_id[one] for one in taken["account_id"]]
    outside = [by_id[one] for one in after.filter(reason_code="ramp")["account_id"]]
    assert not inside or not outside or min(inside) >= max(outside)


def test_the_ramp_leaves_calls_to_peoples_hours_and_lets_no_other_campaign_in() -> None:
    rows = [{"account_id": "a"}, {"account_id": "b"}]
    campaigns = [campaign("mail", 200), campaign("other", 100), campaign("call", 50, what="call")]
    asked = [{"account_id": "a", "campaign": "mail"}, {"account_id": "a", "campaign": "other"}]
    found = candidates(*asked, {"account_id": "b", "campaign": "call"})
    before = decide(found, facts(wide(rows)), rules(*campaigns), TUESDAY_NIGHT)
    told = outcomes(ramped(before, wide(rows), campaigns, 0))
    assert told == {
        ("mail", "a"): ("lost", "ramp"),
        ("other", "a"): ("lost", "lower_priority"),
        ("call", "b"): ("call", "chosen"),
    }
