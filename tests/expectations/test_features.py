"""Hand-over 2: what the model reads must be possible, complete and plausible, or nothing is sent."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from expectations.process import Checker
from expectations.report import holds
from tests.expectations.warehouse_world import WarehouseWorld, warehouse_world

BOTH = ("account_cadence", "account_cadence_panel")


@pytest.fixture
def world(tmp_path: Path) -> WarehouseWorld:
    return warehouse_world(tmp_path)


def test_a_plausible_night_passes(checker: Checker, world: WarehouseWorld) -> None:
    rows = {"accounts": 210, "account_cadence": 200, "account_cadence_panel": 850}
    report = checker.check(replace(world.request, earlier_rows=rows))
    assert report.failed == ()
    assert {"usual_active_days_28", "some_left", "as_many_as_last_night"} <= {r.rule for r in report.results}


@pytest.mark.parametrize(
    ("rule", "resource", "change"),
    [
        ("account_id_present", "account_cadence", "account_id = null"),
        ("account_id_present", "account_cadence_panel", "account_id = ' '"),
        ("account_id_present", "accounts", "account_id = null"),
        ("account_id_present", "mrr_movements", "month = null"),
        ("as_of_is_the_night", "account_cadence", "as_of = date '2026-08-25'"),
        ("as_of_is_the_night", "account_cadence", "as_of = null"),
        ("cutoff_is_past", "account_cadence_panel", "as_of = date '2026-08-26'"),
        *(("days_not_negative", mart, "days_silent = -1") for mart in BOTH),
        ("days_not_negative", "account_cadence", "tenure_days = -1"),
        ("usual_gap_at_least_a_day", "account_cadence", "usual_gap_days = 0.5"),
        *(("active_days_within_window", mart, "active_days_28 = 29") for mart in BOTH),
        ("windows_nested", "account_cadence", "active_days_91 = 5"),
        ("events_at_least_active_days", "account_cadence", "events_28 = 3"),
        ("counts_not_negative", "account_cadence", "tickets_91 = -1"),
        ("mrr_not_negative", "account_cadence", "mrr_minor = -1"),
        ("seat_share_not_negative", "account_cadence", "seat_share = 'inf'"),
        *(("shares_within_0_and_1", mart, "discount_share = 1.01") for mart in BOTH),
        ("shares_within_0_and_1", "account_cadence", "champion_share_prev = 'nan'"),
        ("mrr_not_negative", "accounts", "mrr_minor = -1"),
        ("stage_known", "accounts", "stage = 'gone'"),
        ("stage_known", "accounts", "stage = null"),
        ("mrr_adds_up", "mrr_movements", "expansion_minor = 1"),
        ("mrr_adds_up", "mrr_movements", "closing_mrr_minor = null"),
    ],
)
def test_an_impossible_row_holds(
    checker: Checker, world: WarehouseWorld, rule: str, resource: str, change: str
) -> None:
    world.sql(f"update marts.{resource} set {change} where account_id = 'a7'")
    report = checker.check(world.request)
    found = next(r for r in report.results if r.rule == rule and r.resource == resource)
    assert found.outcome == "failed"
    assert found.unexpected_count >= 1
    assert holds(report).whole_send


@pytest.mark.parametrize("mart", ["accounts", "account_cadence", "account_cadence_panel", "mrr_movements"])
def test_a_key_that_comes_twice_holds(checker: Checker, world: WarehouseWorld, mart: str) -> None:
    world.sql(f"insert into marts.{mart} select * from marts.{mart} where account_id = 'a7' limit 1")
    held = holds(checker.check(world.request)).because
    assert ("one_row_each", mart) in {(r.rule, r.resource) for r in held}


@pytest.mark.parametrize("mart", ["accounts", "account_cadence", "account_cadence_panel"])
def test_an_empty_mart_holds_though_no_row_is_bad(checker: Checker, world: WarehouseWorld, mart: str) -> None:
    world.sql(f"delete from marts.{mart}")
    held = holds(checker.check(world.request)).because
    assert ("has_rows", mart) in {(r.rule, r.resource) for r in held}


def test_a_shop_has_no_monthly_revenue(checker: Checker, world: WarehouseWorld) -> None:
    world.sql("delete from marts.mrr_movements")
    assert checker.check(world.request).failed == ()


def test_a_month_must_open_as_the_one_before_closed(checker: Checker, world: WarehouseWorld) -> None:
    world.sql(
        "update marts.mrr_movements set opening_mrr_minor = 4000, expansion_minor = 1000 "
        "where account_id = 'a7' and month = date '2026-05-01'"
    )
    assert [r.rule for r in holds(checker.check(world.request)).because] == ["opening_is_closing_before"]


def test_a_month_without_an_account_is_no_break(checker: Checker, world: WarehouseWorld) -> None:
    world.sql("delete from marts.mrr_movements where account_id = 'a7' and month = date '2026-05-01'")
    world.sql(
        "update marts.mrr_movements set opening_mrr_minor = 0, reactivation_minor = 5000 "
        "where account_id = 'a7' and month = date '2026-06-01'"
    )
    assert checker.check(world.request).failed == ()


@pytest.mark.parametrize(("rule", "label"), [("some_left", "false"), ("some_stayed", "true")])
def test_a_panel_with_one_label_only_holds(checker: Checker, world: WarehouseWorld, rule: str, label: str) -> None:
    world.sql(f"update marts.account_cadence_panel set left_in_horizon = {label}")
    assert [r.rule for r in holds(checker.check(world.request)).because] == [rule]


def test_where_no_model_learns_a_short_history_holds_nothing(checker: Checker, world: WarehouseWorld) -> None:
    world.sql("delete from marts.account_cadence_panel; delete from marts.account_cadence")
    report = checker.check(replace(world.request, model_learns=False))
    assert {(r.rule, r.severity) for r in report.failed} == {("has_rows", "warn")}
    assert not holds(report).whole_send


def test_a_fifth_of_the_accounts_gone_holds(checker: Checker, world: WarehouseWorld) -> None:
    assert checker.check(replace(world.request, earlier_rows={"accounts": 250})).failed == ()
    held = holds(checker.check(replace(world.request, earlier_rows={"accounts": 251}))).because
    assert [(r.rule, r.resource) for r in held] == [("as_many_as_last_night", "accounts")]


def test_a_usage_source_that_came_half_empty_holds(checker: Checker, world: WarehouseWorld) -> None:
    world.sql(
        "update marts.account_cadence set active_days_28 = 0, events_28 = 0, people_active_28 = 0 "
        "where account_id in (select account_id from marts.account_cadence order by account_id limit 100)"
    )
    held = {r.rule for r in holds(checker.check(world.request)).because}
    assert {"usual_active_days_28", "usual_events_28", "usual_people_active_28"} <= held


def test_a_somewhat_quieter_month_is_plausible(checker: Checker, world: WarehouseWorld) -> None:
    world.sql("update marts.account_cadence set active_days_28 = active_days_28 - 2, events_28 = events_28 - 4")
    assert checker.check(world.request).failed == ()


def test_a_mart_that_is_not_there_could_not_be_checked(checker: Checker, world: WarehouseWorld) -> None:
    world.sql("drop table marts.mrr_movements")
    report = checker.check(world.request)
    assert holds(report).whole_send
    assert {r.outcome for r in report.failed if r.resource == "mrr_movements"} == {"could_not_check"}
    assert all(r.outcome == "ok" for r in report.results if r.resource == "accounts")
