"""What was planted holds: causes, traces in the data, the seasonal ones, the habit; and it lies apart."""

from __future__ import annotations

import json
from datetime import date, timedelta

import polars as pl
import pytest

from tests.stillhere.demo.conftest import BERLIN, Company

CAUSES = {"fading_use", "champion_left", "failed_onboarding", "price", "payment_failure"}
ACCOUNT = (pl.lit("ACC-") + pl.col("workspace").str.extract(r"(\d+)$").str.zfill(6)).alias("account_id")


def daily_use(demo: Company) -> pl.DataFrame:
    """Account, person and day, each once."""
    day = pl.col("occurred_at").dt.convert_time_zone(BERLIN.key).dt.date().alias("day")
    return demo.usage.select(ACCOUNT, "user", day).unique()


def share_kept(demo: Company, leavers: pl.DataFrame) -> float:
    """Person-days in the three weeks before the decision against a usual three weeks before the onset."""
    use = daily_use(demo).join(leavers.select("account_id", "onset_on", "decided_on"), on="account_id")
    late = use.filter(
        pl.col("day") < pl.col("decided_on"), pl.col("day") >= pl.col("decided_on") - pl.duration(days=21)
    )
    usual = use.filter(pl.col("day") < pl.col("onset_on"), pl.col("day") >= pl.col("onset_on") - pl.duration(days=63))
    return late.height / (usual.height / 3)


def seen_leavers(demo: Company, cause: str, *traces: str) -> pl.DataFrame:
    """Leavers of one cause whose months before the onset, and whose decision, lie inside the data."""
    return demo.truth.filter(
        pl.col("cause") == cause,
        pl.col("trace").is_in(traces),
        pl.col("decided_on") <= demo.until,
        pl.col("onset_on") >= pl.col("joined_on") + pl.duration(days=70),
        pl.col("onset_on") >= date(2024, 10, 1),
    )


def test_truth_has_one_row_per_company_of_the_crm(demo: Company) -> None:
    assert demo.truth["account_id"].sort().to_list() == demo.tables["crm.companies"]["id"].sort().to_list()


def test_truth_has_the_documented_columns(demo: Company) -> None:
    documented = (
        "account_id joined_on will_leave decided_on cancel_requested_on left_on returned_on cause onset_on trace "
        "is_seasonal is_test has_billing merged_into decoy cadence is_annual people_by_day_14 response"
    )
    assert set(demo.truth.columns) == set(documented.split())


def test_truth_lies_apart_from_the_sources(demo: Company) -> None:
    assert not demo.truth_folder.is_relative_to(demo.sources)
    assert not demo.sources.is_relative_to(demo.truth_folder)
    columns = {column for frame in demo.tables.values() for column in frame.columns} | set(demo.usage.columns)
    assert not columns & {"will_leave", "cause", "trace", "is_seasonal", "decoy", "onset_on"}


def test_no_cause_makes_up_more_than_35_per_cent(demo: Company) -> None:
    leavers = demo.truth.filter("will_leave")
    counts = leavers["cause"].value_counts()
    assert set(counts["cause"]) == CAUSES
    assert float(counts["count"].max()) / leavers.height <= 0.35  # type: ignore[arg-type]  # a count


def test_some_leave_with_every_strength_of_trace(demo: Company) -> None:
    assert set(demo.truth.filter("will_leave")["trace"]) == {"strong", "medium", "weak", "none"}


def test_about_a_quarter_left_and_some_are_leaving_now(demo: Company) -> None:
    customers = demo.truth.filter("has_billing")
    left = customers.filter(pl.col("left_on") <= demo.until).height
    soon = customers.filter(
        pl.col("decided_on") > demo.until, pl.col("decided_on") <= demo.until + timedelta(days=60)
    ).height
    assert 0.17 <= left / customers.height <= 0.33
    assert 60 <= soon <= 120


def test_leaving_is_planted_beyond_the_last_day(demo: Company) -> None:
    newest = demo.truth["decided_on"].max()
    assert isinstance(newest, date)
    assert timedelta(days=60) < newest - demo.until <= timedelta(days=120)


def test_the_contract_of_whoever_left_ended_on_the_planted_day(demo: Company) -> None:
    ended = demo.tables["billing.subscription_periods"].filter(pl.col("end_reason").is_not_null())
    reasons = ended["end_reason"].value_counts()
    told = dict(reasons.iter_rows())
    left = demo.truth.filter("has_billing", pl.col("left_on") <= demo.until)
    by_payment = left.filter(cause="payment_failure").height
    assert told["payment"] == by_payment
    assert told["cancelled"] == left.height - by_payment


def test_whose_payment_failed_never_asked_to_leave(demo: Company) -> None:
    leavers = demo.truth.filter("will_leave")
    asked = pl.col("cancel_requested_on").is_not_null()
    assert leavers.filter((pl.col("cause") == "payment_failure") == asked).is_empty()


def test_nobody_uses_the_product_after_access_ended(demo: Company) -> None:
    use = daily_use(demo).join(demo.truth.filter(pl.col("left_on").is_not_null()), on="account_id")
    assert use.filter(pl.col("day") > pl.col("left_on")).is_empty()


def test_seasonal_accounts_never_leave(demo: Company) -> None:
    seasonal = demo.truth.filter("is_seasonal")
    customers = demo.truth.filter(pl.col("cadence").is_not_null())
    assert 0.04 < seasonal.height / customers.height < 0.08
    assert not seasonal["will_leave"].any()


@pytest.mark.parametrize("year", [2025, 2026])
def test_seasonal_accounts_are_quiet_every_august_and_back_in_september(demo: Company, year: int) -> None:
    seasonal = demo.truth.filter("is_seasonal", pl.col("joined_on") < date(year, 6, 1))
    use = daily_use(demo).join(seasonal.select("account_id"), on="account_id")
    months = {
        month: use.filter(pl.col("day").dt.year() == year, pl.col("day").dt.month() == month).height
        for month in (6, 8, 9)
    }
    assert months[8] < 0.15 * months[6]
    assert months[9] > 0.6 * months[6]


def test_use_fades_before_those_leave_whose_use_fades(demo: Company) -> None:
    clear = share_kept(demo, seen_leavers(demo, "fading_use", "strong"))
    hidden = share_kept(demo, seen_leavers(demo, "fading_use", "none"))
    assert clear < 0.5
    assert hidden > 0.7
    assert clear < share_kept(demo, seen_leavers(demo, "fading_use", "weak"))


def test_the_champion_falls_silent_before_those_leave_whose_champion_left(demo: Company) -> None:
    leavers = seen_leavers(demo, "champion_left", "strong", "medium")
    champions = (
        demo.tables["crm.people"]
        .filter(role="Champion")
        .select(account_id="company_id", user=pl.lit("u") + pl.col("id").str.slice(2).str.strip_chars_start("0"))
    )
    use = daily_use(demo).join(champions, on=["account_id", "user"]).join(leavers, on="account_id")
    span = pl.duration(days=21)
    before = use.filter(pl.col("day") < pl.col("onset_on"), pl.col("day") >= pl.col("onset_on") - span)
    after = use.filter(pl.col("day") >= pl.col("onset_on"), pl.col("day") < pl.col("onset_on") + span)
    assert after.height < 0.15 * before.height


def test_sales_know_of_some_champions_that_left_and_not_of_others(demo: Company) -> None:
    gone = (
        demo.tables["crm.people"]
        .filter(role="Champion")
        .join(seen_leavers(demo, "champion_left", "strong", "medium").select(company_id="account_id"), on="company_id")
    )
    assert 0.1 < 1 - float(gone["is_active"].mean()) < 0.7  # type: ignore[arg-type]  # a share


def test_payments_fail_before_those_leave_whose_payment_failed(demo: Company) -> None:
    periods = demo.tables["billing.subscription_periods"].filter(end_reason="payment")
    failed = set(demo.tables["billing.payments"].filter(status="failed")["customer"])
    assert set(periods["customer"]) <= failed


def test_the_price_rises_before_those_leave_for_it(demo: Company) -> None:
    customers = demo.tables["billing.customers"].select(
        customer="id",
        account_id=pl.lit("ACC-")
        + pl.col("external_ref").str.extract(r"(\d+)").cast(pl.Int64).cast(pl.String).str.zfill(6),
    )
    before = pl.col("unit_amount").shift(1).over("subscription")
    periods = demo.tables["billing.subscription_periods"].sort("subscription", "starts").with_columns(before=before)
    rises = periods.filter(pl.col("unit_amount") >= 1.12 * pl.col("before")).join(customers, on="customer")
    known = customers["account_id"].drop_nulls().to_list()
    visible = seen_leavers(demo, "price", "strong", "medium", "weak").filter(pl.col("account_id").is_in(known))
    hidden = seen_leavers(demo, "price", "none").filter(pl.col("account_id").is_in(known))
    assert visible["account_id"].is_in(rises["account_id"].to_list()).mean() > 0.9  # type: ignore[operator]  # a share
    assert hidden["account_id"].is_in(rises["account_id"].to_list()).mean() < 0.3  # type: ignore[operator]  # a share


def test_those_who_never_got_going_leave_in_their_first_months(demo: Company) -> None:
    failed = demo.truth.filter(cause="failed_onboarding")
    age = (failed["decided_on"] - failed["joined_on"]).dt.total_days()
    assert age.min() >= 30  # type: ignore[operator]  # days
    assert age.max() <= 160  # type: ignore[operator]  # days


def test_accounts_with_three_people_by_day_14_stay_far_more(demo: Company) -> None:
    told = json.loads((demo.truth_folder / "planted_habit.json").read_text())
    assert (told["day"], told["threshold"]) == (14, 3)
    grown = demo.truth.filter("has_billing", pl.col("joined_on") <= demo.until - timedelta(days=180))
    has_it = pl.col("people_by_day_14") >= 3
    leaving_with = float(grown.filter(has_it)["will_leave"].mean())  # type: ignore[arg-type]  # a share
    leaving_without = float(grown.filter(~has_it)["will_leave"].mean())  # type: ignore[arg-type]  # a share
    assert leaving_without > 1.6 * leaving_with


def test_the_planted_habit_is_in_the_use_to_the_person(demo: Company) -> None:
    """Counted from events, as the night does; who joined on the day the data begin may have been there before."""
    joined = demo.truth.filter(
        "has_billing", pl.col("joined_on") >= date(2024, 7, 10), pl.col("joined_on") <= demo.until - timedelta(days=180)
    )
    use = daily_use(demo).filter(pl.col("user").is_not_null()).join(joined, on="account_id")
    early = use.filter(pl.col("day") < pl.col("joined_on") + pl.duration(days=14))
    seen = early.group_by("account_id").agg(people=pl.col("user").n_unique())
    both = joined.join(seen, on="account_id", how="left").with_columns(pl.col("people").fill_null(0))
    assert both.height > 200
    assert both.filter(pl.col("people") != pl.col("people_by_day_14")).is_empty()
    has_it = both.filter(pl.col("people") >= 3)
    leaving_without = float(both.filter(pl.col("people") < 3)["will_leave"].mean())  # type: ignore[arg-type]  # a share
    assert leaving_without > 1.5 * float(has_it["will_leave"].mean())  # type: ignore[arg-type]  # a share
