"""Some who left come back: after a win-back, or by themselves; on a new subscription, and as the record says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from typer.testing import CliRunner

from stillhere.cli import build_app
from stillhere.commands.demo import advance_demo
from stillhere.company_folder import read_company
from stillhere.demo.build import answer_deliveries, come_back, draw_world
from stillhere.demo.calendar import NEVER, Calendar
from stillhere.demo.record import no_answers, read_record
from stillhere.demo.returning import WIN_BACK_FROM_DAYS, WON_BACK_AFTER_DAYS
from tests.stillhere.demo.conftest import Company
from tests.stillhere.demo.conftest import read_company as company_in
from tests.stillhere.demo.test_advance import RECIPE, UNTIL, built, delivered, hand_over, on

DAYS = 80


@pytest.fixture(scope="module")
def lives(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Company]:
    """The same company after 80 days: left alone, and after a mail to everybody on the first day and returns."""
    folder = tmp_path_factory.mktemp("returns")
    record = answer_deliveries(RECIPE, delivered(UNTIL, range(1, 601)), no_answers())
    record = come_back(RECIPE, UNTIL + timedelta(days=DAYS), record)
    return {
        "alone": built(folder, on(DAYS), no_answers(), "alone"),
        "lived": built(folder, on(DAYS), record, "lived"),
    }


def returns_of(company: Company) -> pl.DataFrame:
    return read_record(company.truth_folder, company.until).filter(effect="returned")


def new_subscriptions(company: Company, other: Company) -> pl.DataFrame:
    """Periods of subscriptions that only the first of the two has, with their account."""
    periods = company.tables["billing.subscription_periods"]
    known = other.tables["billing.subscription_periods"]["subscription"]
    customers = company.tables["billing.customers"].select(customer="id", domain=pl.col("email").str.split("@").list[1])
    companies = company.tables["crm.companies"].filter(pl.col("merged_into").is_null())
    companies = companies.unique("domain", keep="first", maintain_order=True).select("domain", account_id="id")
    new = periods.filter(~pl.col("subscription").is_in(known.implode()))
    return new.join(customers, on="customer").join(companies, on="domain")


def test_only_those_who_left_long_enough_ago_and_could_be_persuaded_are_won_back() -> None:
    record = answer_deliveries(RECIPE, delivered(UNTIL, range(1, 601)), no_answers())
    won, world, calendar = record.filter(effect="returned"), draw_world(RECIPE), Calendar.of(UNTIL)
    left = world.planned.left[won["account_id"].str.slice(4).cast(pl.Int64).to_numpy() - 1]
    assert won.height > 5
    assert (left <= calendar.today - WIN_BACK_FROM_DAYS).all()
    assert set(won["response"]) == {"persuadable"}
    assert won["opened_at"].null_count() == 0
    after = [day - UNTIL for day in won["effect_on"]]
    assert min(after) > timedelta(days=WON_BACK_AFTER_DAYS[0])
    assert max(after) <= timedelta(days=WON_BACK_AFTER_DAYS[1])


def test_a_few_come_back_by_themselves_on_the_planned_day() -> None:
    world, until = draw_world(RECIPE), UNTIL + timedelta(days=DAYS)
    record = come_back(RECIPE, until, no_answers())
    planned = world.returns[(world.returns < NEVER)]
    assert 0 < record.height < len(planned) < int(world.planned.leaves.sum()) * 0.2
    assert set(record["kind"]) == {"return"}
    assert record["as_of"].min() > UNTIL
    assert record["as_of"].max() <= until
    assert (world.returns[world.returns < NEVER] > world.planned.left[world.returns < NEVER]).all()


def test_who_was_kept_or_won_back_does_not_come_back_by_itself_as_well() -> None:
    everybody = delivered(UNTIL, range(1, 601))
    answered = answer_deliveries(RECIPE, everybody, no_answers())
    record = come_back(RECIPE, UNTIL + timedelta(days=DAYS), answered)
    changed = record.filter(pl.col("effect") != "none")
    assert changed["account_id"].is_duplicated().sum() == 0


def test_a_return_is_a_new_subscription_of_the_same_customer_from_that_day(lives: dict[str, Company]) -> None:
    returns = returns_of(lives["lived"]).filter(pl.col("effect_on") <= lives["lived"].until)
    new = new_subscriptions(lives["lived"], lives["alone"]).filter(pl.col("id").str.ends_with(".001"))
    began = [datetime.fromtimestamp(second, UTC).date() for second in new["starts"]]
    assert returns.height > 5
    assert sorted(zip(new["account_id"], began, strict=True)) == sorted(
        zip(returns["account_id"], returns["effect_on"], strict=True)
    )
    assert set(new["status"]) == {"active"}
    assert new["cancel_requested"].null_count() == new.height
    assert (new["amount"] == new["quantity"] * new["unit_amount"]).all()


def test_the_old_subscription_had_ended_before_and_stays_as_it_was(lives: dict[str, Company]) -> None:
    lived = lives["lived"].tables["billing.subscription_periods"]
    returned = new_subscriptions(lives["lived"], lives["alone"])
    old = lived.filter(pl.col("customer").is_in(returned["customer"].implode())).join(
        returned.select("id"), on="id", how="anti"
    )
    ends = old.group_by("customer").agg(pl.col("ends").max(), open=pl.col("ends").is_null().any())
    both = ends.join(returned.group_by("customer").agg(pl.col("starts").min()), on="customer")
    assert not both["open"].any()
    assert (both["ends"] < both["starts"]).all()


def test_returned_customers_are_billed_and_use_the_product_again(lives: dict[str, Company]) -> None:
    lived = lives["lived"]
    new = new_subscriptions(lived, lives["alone"])
    invoices = lived.tables["billing.invoices"]
    invoices = invoices.filter(pl.col("subscription").is_in(new["subscription"].implode()))
    firsts = invoices.group_by("subscription").agg(first=pl.col("issued").min())
    both = new.group_by("subscription").agg(pl.col("starts").min()).join(firsts, on="subscription", how="left")
    assert (both["first"] - both["starts"]).abs().max() < 86_400
    payments = lived.tables["billing.payments"].filter(pl.col("invoice").is_in(invoices["id"].implode()))
    assert payments.height >= invoices.height * 0.9
    early = returns_of(lived).filter(pl.col("effect_on") < lived.until - timedelta(days=30))
    used = lived.usage.with_columns(account=pl.col("workspace").str.extract(r"(\d+)$").cast(pl.Int64))
    ids = early["account_id"].str.slice(4).cast(pl.Int64).to_list()
    back_at = dict(zip(ids, early["effect_on"], strict=True))
    again = {
        nth
        for nth in ids
        if used.filter((pl.col("account") == nth) & (pl.col("occurred_at").dt.date() >= back_at[nth])).height
    }
    assert len(again) > len(ids) * 0.7
    people = {int(one.removeprefix("P-")) for one in lived.tables["crm.people"]["id"]}
    users = {int(one.removeprefix("u")) for one in used.filter(pl.col("account").is_in(ids))["user"].drop_nulls()}
    assert users <= people


def test_the_truth_knows_the_day_of_a_return(lives: dict[str, Company]) -> None:
    truth = lives["lived"].truth.filter(pl.col("returned_on").is_not_null()).select("account_id", "returned_on")
    told = returns_of(lives["lived"]).select("account_id", returned_on="effect_on")
    assert_frame_equal(truth, told, check_row_order=False)
    assert lives["alone"].truth["returned_on"].null_count() == lives["alone"].truth.height


@pytest.fixture
def homes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The same demo company twice, with 600 customers."""
    found = []
    for name in ("twice", "once"):
        monkeypatch.setenv("STILLHERE_DATA", str(tmp_path / name))
        done = CliRunner().invoke(build_app(), ["demo", "--accounts", "600", "--seed", "5"])
        assert done.exit_code == 0, done.output
        found.append(tmp_path / name)
    return found


def test_eighty_days_after_a_night_are_twice_forty(homes: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    lived = []
    for home, steps in zip(homes, ((40, 40), (80,)), strict=True):
        monkeypatch.setenv("STILLHERE_DATA", str(home))
        settings = read_company(None)
        hand_over(settings, range(1, 601))
        for days in steps:
            words = advance_demo(settings, days)
        places = settings.places
        lived.append((company_in(places.sources, places.truth, UNTIL + timedelta(days=DAYS)), words))
    (twice, _), (once, words) = lived
    assert "0 of those who had left came back" not in words
    for name, table in once.tables.items():
        assert_frame_equal(twice.tables[name], table)
    assert_frame_equal(twice.usage.drop("file"), once.usage.drop("file"))
    assert_frame_equal(twice.truth, once.truth)
    records = [read_record(one.truth_folder, one.until) for one in (twice, once)]
    assert_frame_equal(*records)
    assert set(records[0]["effect"]) == {"kept", "lost", "returned", "none"}
    assert set(records[0]["kind"]) == {"mail", "call", "return"}
