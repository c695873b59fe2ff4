"""When a result is told, when not, and what it is called."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from benchmarks.results import simulated
from stillhere.results.campaign_results import RESULTS_SCHEMA, results_of
from stillhere.results.plans import EVERY_CAMPAIGN, Plan
from tests.stillhere.results.simulated_results import DAY_ZERO, outcomes

HORIZON = DAY_ZERO + timedelta(days=60)
PLAN = Plan("note", HORIZON)


def treated(rows: pl.DataFrame, as_of: date, day: int = 60, plan: Plan = PLAN) -> dict[str, Any]:
    """The row of the treated arm."""
    return results_of(rows, [plan], as_of).row(
        by_predicate=(pl.col("arm") == "treated") & (pl.col("day") == day), named=True
    )


def much_better() -> pl.DataFrame:
    """400 an arm; 90 % of those contacted are still here, 70 % of those left alone."""
    return pl.concat([outcomes("treated", 400, 360), outcomes("holdout", 400, 280)])


def test_a_sure_difference_of_the_primary_outcome_is_an_effect_at_the_horizon() -> None:
    row = treated(much_better(), HORIZON)
    assert (row["verdict"], row["difference"]) == ("effect", 0.2)
    assert 0 < row["interval_low"] < 0.2 < row["interval_high"]


def test_one_day_before_the_horizon_nothing_is_told_but_counts_and_what_to_expect() -> None:
    row = treated(much_better(), HORIZON - timedelta(days=1), plan=Plan("note", HORIZON, effect=0.1))
    assert (row["verdict"], row["difference"], row["net_difference_minor"]) == ("cannot tell yet", None, None)
    assert (row["assigned"], row["matured"]) == (400, 0)
    assert row["plus_minus"] == pytest.approx(1.96 * (0.21 * 2 / 400) ** 0.5, rel=1e-3)
    assert row["enough_by"] == HORIZON


def test_another_day_than_the_primary_one_is_a_difference_never_an_effect() -> None:
    assert treated(much_better(), HORIZON, day=30)["verdict"] == "difference"
    assert treated(much_better(), HORIZON, day=90)["verdict"] == "cannot tell yet"
    assert treated(much_better(), HORIZON + timedelta(days=30), day=90)["verdict"] == "difference"


def test_a_difference_that_may_be_none_is_no_effect_seen() -> None:
    rows = pl.concat([outcomes("treated", 400, 290), outcomes("holdout", 400, 280)])
    assert treated(rows, HORIZON)["verdict"] == "no effect seen"


def test_harm_is_an_effect_too() -> None:
    rows = pl.concat([outcomes("treated", 400, 280), outcomes("holdout", 400, 360)])
    row = treated(rows, HORIZON)
    assert (row["verdict"], row["difference"]) == ("effect", -0.2)


def test_accounts_drawn_too_late_for_the_horizon_do_not_move_the_result() -> None:
    late = [outcomes(arm, 300, 0, day_zero=DAY_ZERO + timedelta(days=1)) for arm in ("treated", "holdout")]
    years_later = HORIZON + timedelta(days=900)
    alone, among = treated(much_better(), years_later), treated(pl.concat([much_better(), *late]), years_later)
    assert (among["assigned"], among["in_test"]) == (700, 400)
    assert {name: among[name] for name in RESULTS_SCHEMA if name != "assigned"} == {
        name: alone[name] for name in RESULTS_SCHEMA if name != "assigned"
    }


def test_without_a_horizon_nothing_is_ever_judged() -> None:
    assert treated(much_better(), date(2030, 1, 1), plan=Plan("note", None))["verdict"] == "cannot tell yet"


def test_net_revenue_is_less_what_contacts_cost() -> None:
    rows = pl.concat(
        [
            outcomes("treated", 400, 360, revenue_minor=10_000, contacts=1),
            outcomes("holdout", 400, 360, revenue_minor=9_000),
        ]
    )
    row = treated(rows, HORIZON, plan=Plan("note", HORIZON, cost_minor=300))
    assert (row["contacts"], row["cost_minor"]) == (400, 120_000)
    assert row["net_revenue_minor"] == row["revenue_minor"] - 120_000
    assert row["net_difference_minor"] == 700
    assert row["net_interval_low_minor"] <= 700 <= row["net_interval_high_minor"]


def test_arms_of_a_size_that_chance_does_not_explain_stop_the_result() -> None:
    row = treated(pl.concat([outcomes("treated", 400, 360), outcomes("holdout", 250, 175)]), HORIZON)
    assert (row["verdict"], row["difference"]) == ("not shown", None)
    assert "250 held out where 325 were expected" in row["stopped_because"]


def test_arms_a_little_uneven_by_chance_are_fine() -> None:
    row = treated(pl.concat([outcomes("treated", 400, 360), outcomes("holdout", 360, 252)]), HORIZON)
    assert row["verdict"] == "effect"


@pytest.mark.parametrize(("contaminated", "verdict"), [(4, "effect"), (5, "not shown")])
def test_more_than_one_in_a_hundred_held_out_and_contacted_stops_the_result(contaminated: int, verdict: str) -> None:
    rows = pl.concat([outcomes("treated", 400, 360), outcomes("holdout", 400, 280, contaminated=contaminated)])
    row = treated(rows, HORIZON)
    assert row["verdict"] == verdict
    assert (row["stopped_because"] is None) == (verdict == "effect")


def test_accounts_lost_from_sight_are_not_counted_as_gone_and_too_many_stop_the_result() -> None:
    few = pl.concat([outcomes("treated", 400, 400, unknown=4), outcomes("holdout", 400, 280)])
    assert (treated(few, HORIZON)["matured"], treated(few, HORIZON)["still_here_share"]) == (396, 1.0)
    many = pl.concat([outcomes("treated", 400, 360, unknown=40), outcomes("holdout", 400, 280)])
    assert "no longer known" in treated(many, HORIZON)["stopped_because"]


def test_the_whole_programme_is_judged_against_the_universal_holdout() -> None:
    rows = pl.concat(
        [
            outcomes("treated", 900, 810, campaign=EVERY_CAMPAIGN, share=0.1),
            outcomes("universal_holdout", 100, 60, campaign=EVERY_CAMPAIGN, share=0.1),
        ]
    )
    row = treated(rows, HORIZON, plan=Plan(EVERY_CAMPAIGN, HORIZON))
    assert (row["verdict"], row["difference"]) == ("effect", 0.3)


def test_the_universal_holdout_is_no_control_of_a_single_campaign() -> None:
    with_it = pl.concat([much_better(), outcomes("universal_holdout", 90, 0)])
    assert treated(with_it, HORIZON) == treated(much_better(), HORIZON)
    assert results_of(with_it, [PLAN], HORIZON).filter(arm="universal_holdout", day=60)["still_here"].item() == 0


def test_a_campaign_that_nobody_planned_is_left_out() -> None:
    assert results_of(much_better(), [Plan("another", HORIZON)], HORIZON).is_empty()


def test_no_assignments_give_no_rows() -> None:
    assert results_of(much_better().clear(), [PLAN], HORIZON).is_empty()


def test_the_order_of_rows_changes_nothing() -> None:
    rows = pl.concat([much_better(), outcomes("treated", 50, 20, share=0.2), outcomes("holdout", 12, 3, share=0.2)])
    assert results_of(rows.sample(fraction=1, shuffle=True, seed=3), [PLAN], HORIZON).equals(
        results_of(rows, [PLAN], HORIZON)
    )


def test_at_an_unheard_of_pace_no_day_is_named() -> None:
    slow = pl.concat([outcomes("treated", 2, 2), outcomes("holdout", 2, 2)])
    assert treated(slow, DAY_ZERO + timedelta(days=40))["enough_by"] is None


def test_at_the_present_pace_the_day_is_named_on_which_it_is_enough() -> None:
    """100 a day; 2,638 are needed for five points of 70 %: 2,438 more are 25 days, and 60 until their day has come."""
    rows = pl.concat(
        [
            outcomes(arm, 50, 40, day_zero=DAY_ZERO + timedelta(days=day))
            for arm in ("treated", "holdout")
            for day in (0, 1)
        ]
    )
    row = treated(rows, DAY_ZERO + timedelta(days=1), plan=Plan("note", DAY_ZERO + timedelta(days=61)))
    assert row["enough_by"] == DAY_ZERO + timedelta(days=1 + 25 + 60)


def test_simulated_campaigns_are_told_as_the_benchmark_asks() -> None:
    """The whole benchmark has 2,000 a line; this one sees that it runs and that no bar is missed by far."""
    import numpy as np

    cell = simulated(np.random.default_rng(5), 400, 0.3, "none", 0.0, 300)
    assert 0.91 <= cell.covered <= 0.99
    assert cell.called <= 0.09
    assert cell.width < 1.05
