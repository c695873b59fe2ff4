"""How much of each cause shows in the data, by the planted strength of its trace; and who only looks like leaving."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from stillhere.demo.accounts import draw_accounts
from stillhere.demo.calendar import Calendar
from stillhere.demo.leaving import CAUSES, draw_leaving
from stillhere.demo.recipe import Recipe, streams_of
from tests.stillhere.demo.conftest import BERLIN, Company
from tests.stillhere.demo.test_truth import ACCOUNT, daily_use, seen_leavers

SPAN_DAYS = 28


def share_left(demo: Company, leavers: pl.DataFrame) -> float:
    """Person-days in the four weeks before the decision against the four weeks before the onset."""
    use = daily_use(demo).join(leavers.select("account_id", "onset_on", "decided_on"), on="account_id")
    spans = [
        use.filter(pl.col("day") < pl.col(end), pl.col("day") >= pl.col(end) - pl.duration(days=SPAN_DAYS)).height
        for end in ("decided_on", "onset_on")
    ]
    return spans[0] / spans[1]


def test_use_fades_in_proportion_to_the_strength_of_the_trace(demo: Company) -> None:
    left = {
        trace: share_left(demo, seen_leavers(demo, "fading_use", trace))
        for trace in ("strong", "medium", "weak", "none")
    }
    assert left["strong"] < left["medium"] < left["weak"] < left["none"]
    assert left["strong"] < 0.45
    assert left["weak"] > 0.55


@pytest.mark.parametrize("cause", ["fading_use", "champion_left", "price"])
def test_who_leaves_without_a_trace_uses_it_as_before(demo: Company, cause: str) -> None:
    assert share_left(demo, seen_leavers(demo, cause, "none")) > 0.75


@pytest.mark.parametrize(("trace", "least", "most"), [("strong", 0.0, 0.15), ("weak", 0.2, 0.75), ("none", 0.75, 1.4)])
def test_a_champion_stops_as_far_as_the_trace_is_strong(demo: Company, trace: str, least: float, most: float) -> None:
    user = pl.lit("u") + pl.col("id").str.slice(2).str.strip_chars_start("0")
    champions = demo.tables["crm.people"].filter(role="Champion").select(account_id="company_id", user=user)
    use = daily_use(demo).join(champions, on=["account_id", "user"])
    use = use.join(seen_leavers(demo, "champion_left", trace), on="account_id")
    span = pl.duration(days=SPAN_DAYS)
    before = use.filter(pl.col("day") < pl.col("onset_on"), pl.col("day") >= pl.col("onset_on") - span)
    after = use.filter(
        pl.col("day") >= pl.col("onset_on"), pl.col("day") < pl.min_horizontal(pl.col("onset_on") + span, "decided_on")
    )
    assert least <= after.height / before.height <= most


def test_who_never_got_going_used_it_less_from_the_first_weeks(demo: Company) -> None:
    joined = demo.truth.filter(pl.col("joined_on") >= demo.usage["received_at"].min().date())  # type: ignore[union-attr]  # an instant
    use = daily_use(demo).join(joined, on="account_id")
    early = use.filter(pl.col("day") < pl.col("joined_on") + pl.duration(days=30)).group_by("account_id").len()
    both = joined.join(early, on="account_id", how="left").with_columns(pl.col("len").fill_null(0))
    few = pl.col("people_by_day_14") < 3
    failed = both.filter(few, pl.col("cause") == "failed_onboarding", pl.col("trace") == "strong")["len"].mean()
    others = both.filter(few, ~pl.col("will_leave"), pl.col("cadence").is_not_null())["len"].mean()
    assert failed < 0.5 * others  # type: ignore[operator]  # means


def test_those_who_pay_fail_once_or_more_before_they_leave_for_it(demo: Company) -> None:
    """Who leaves for other causes has no more failed payments than who stays."""
    accounts = demo.tables["billing.customers"].select(
        customer="id", account_id=pl.lit("ACC-") + pl.col("external_ref").str.extract(r"(\d+)").str.zfill(6)
    )
    failed = demo.tables["billing.payments"].filter(status="failed").join(accounts, on="customer")["account_id"]
    gone = demo.truth.filter(
        pl.col("left_on") <= demo.until, pl.col("account_id").is_in(accounts["account_id"].to_list())
    )
    for_payment = gone.filter(cause="payment_failure")["account_id"]
    others = gone.filter(pl.col("cause") != "payment_failure")["account_id"]
    assert for_payment.is_in(failed.to_list()).all()
    assert float(others.is_in(failed.to_list()).mean()) < 0.5  # type: ignore[arg-type]  # a share


def test_some_who_stay_look_like_leavers_for_a_while(demo: Company) -> None:
    decoys = demo.truth.filter(pl.col("decoy").is_not_null())
    assert not decoys["will_leave"].any()
    assert set(decoys["decoy"]) == {"fading_use", "champion_left"}
    assert 0.01 < decoys.height / demo.truth.height < 0.1


def test_nothing_in_the_sources_names_a_cause_a_trace_or_a_season(demo: Company) -> None:
    words = {"fading", "champion_left", "failed_onboarding", "seasonal", "decoy", "onset", "will_leave"}
    for name, frame in demo.tables.items():
        texts = frame.select(pl.selectors.string()).unpivot()["value"].drop_nulls().str.to_lowercase()
        assert not texts.str.contains_any(sorted(words)).any(), name
    assert not set(demo.usage["feature"].unique()) & words


@pytest.mark.parametrize("until", ["2026-03-31", "2026-09-30"])
def test_no_cause_exceeds_35_per_cent_of_the_leavers_whatever_the_seed(until: str) -> None:
    for seed in range(12):
        recipe = Recipe(4000, seed, pl.Series([until]).str.to_date()[0])
        calendar = Calendar.of(recipe.until)
        rng = streams_of(recipe, calendar)
        accounts = draw_accounts(rng["accounts"], recipe.accounts, calendar)
        leaving = draw_leaving(rng["leaving"], accounts, calendar)
        told = leaving.cause[leaving.decided <= calendar.today]
        shares = [np.mean(told == cause) for cause in CAUSES]
        assert max(shares) <= 0.35
        assert min(shares) >= 0.06


def test_some_use_came_in_days_after_it_happened_and_lies_in_a_later_file(demo: Company) -> None:
    day = pl.col("occurred_at").dt.convert_time_zone(BERLIN.key).dt.date()
    late = demo.usage.select(ACCOUNT, later=pl.col("received_at").dt.convert_time_zone(BERLIN.key).dt.date() > day)
    assert 0.005 < float(late["later"].mean()) < 0.05  # type: ignore[arg-type]  # a share
