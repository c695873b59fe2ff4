"""By what a campaign is judged, and when."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from stillhere.results.plans import plan_on, plans_of, result_days
from stillhere.settings import Campaign

FIRST = date(2026, 1, 5)
AFTER_A_QUARTER = FIRST - timedelta(days=1) + timedelta(days=90 + 60)


def campaign(**values: object) -> Campaign:
    return Campaign.model_validate(
        {"id": "note", "title": "A note", "segment": "slipping", "what": "mail", "priority": 1} | values
    )


def on(as_of: date, approved: tuple[date, ...] = ()) -> tuple[date | None, date | None]:
    """The horizon that is told on a day, and after which day its test begins."""
    plan = plan_on("note", FIRST, approved, 60, 0, as_of)
    return plan.horizon_date, plan.after


def test_without_an_approval_accounts_enter_for_a_quarter() -> None:
    assert on(FIRST) == (AFTER_A_QUARTER, None)
    assert plan_on("note", FIRST, (), 60, 0, FIRST).last_day_zero == FIRST + timedelta(days=89)


def test_the_day_written_at_the_approval_is_the_day() -> None:
    horizon = date(2026, 5, 1)
    assert on(FIRST, (horizon,)) == (horizon, None)


def test_an_approval_given_while_a_test_runs_does_not_move_its_horizon() -> None:
    first, second = date(2026, 5, 1), date(2026, 6, 20)
    assert on(date(2026, 4, 30), (second, first)) == (first, None)
    assert on(date(2026, 6, 19), (second, first)) == (first, None)


def test_a_result_stands_until_the_next_is_due_and_that_one_has_accounts_of_its_own() -> None:
    first, second = date(2026, 5, 1), date(2026, 6, 20)
    assert on(second, (first, second)) == (second, first - timedelta(days=60))


@pytest.mark.parametrize("quarters", [1, 2, 5])
def test_after_the_last_approved_horizon_one_follows_each_quarter(quarters: int) -> None:
    first = date(2026, 5, 1)
    due = first + timedelta(days=90 * quarters)
    horizon, after = on(due, (first,))
    assert horizon == due
    assert after == due - timedelta(days=150)


def test_a_horizon_at_which_nobody_could_be_judged_is_passed_over() -> None:
    assert on(FIRST, (FIRST + timedelta(days=59),)) == (AFTER_A_QUARTER, None)


def test_every_campaign_with_anybody_drawn_has_a_plan_and_so_has_the_programme() -> None:
    drawn = [{"campaign": "note", "day_zero": FIRST + timedelta(days=3)}, {"campaign": "gone", "day_zero": FIRST}]
    plans = {plan.campaign: plan for plan in plans_of([campaign(success_day=45)], drawn, [], 500, FIRST)}
    assert sorted(plans) == ["*", "gone", "note"]
    assert (plans["note"].success_day, plans["gone"].success_day) == (45, 60)
    assert plans["*"].horizon_date == AFTER_A_QUARTER
    assert plans["note"].horizon_date == FIRST + timedelta(days=3 - 1 + 90 + 45)
    assert plans["note"].cost_minor == 500


def test_results_are_counted_on_the_usual_days_and_a_campaigns_own() -> None:
    assert result_days([campaign(success_day=45), campaign(success_day=60)]) == [30, 45, 60, 90]
