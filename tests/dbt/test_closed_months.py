"""A closed month does not change: what billing says otherwise later is a booking of its own."""

from __future__ import annotations

from datetime import date

import pytest

from stillhere.demo.recipe import Recipe
from stillhere.operations.closings import ClosedMonth
from stillhere.warehouse.closing import months_due
from stillhere.warehouse.connect import open_warehouse
from tests.dbt.projects import Project, loaded_project

AS_OF = date(2026, 9, 30)
LAST_CLOSED, FIRST_OPEN = date(2026, 7, 1), date(2026, 8, 1)
MOVEMENTS = "select * exclude is_closed from marts.mrr_movements where month {} order by all"


def close(project: Project) -> list[ClosedMonth]:
    with open_warehouse(project.settings.places.warehouse, read_only=True) as warehouse:
        return months_due(warehouse, AS_OF, close_days=31, closed=[])


def run_closed(project: Project, closed: list[ClosedMonth]) -> None:
    rows = [row for month in closed for row in month.movements.to_pylist()]
    project.run(AS_OF, {"month_closes": [{"month": one.month} for one in closed], "closed_months": rows})
    project.dbt("test", "--select", "mrr_movements", "hamster_wheel", "retention", "test_type:data")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return loaded_project(tmp_path_factory.mktemp("demo"), "config", Recipe(accounts=150, seed=11, until=AS_OF))


def test_a_billing_row_changed_after_the_close_is_a_correction_in_the_first_open_month(demo: Project) -> None:
    demo.run(AS_OF)
    before, after = demo.rows(MOVEMENTS.format("< '2026-08-01'")), demo.rows(MOVEMENTS.format(">= '2026-08-01'"))
    closed = close(demo)
    assert closed[-1].month == LAST_CLOSED
    run_closed(demo, closed)
    assert demo.rows(MOVEMENTS.format("< '2026-08-01'")) == before
    assert demo.rows(MOVEMENTS.format(">= '2026-08-01'")) == after

    steady = "opening_mrr_minor = closing_mrr_minor and closing_mrr_minor > 0"
    account, paid = demo.rows(
        f"select account_id, min(closing_mrr_minor) from marts.mrr_movements where month >= '2026-06-01' "
        f"group by 1 having bool_and({steady}) and count(*) = 4 order by 1 limit 1"
    )[0]
    (subscription,) = demo.rows(
        f"select subscription_id from intermediate.int_subscriptions where account_id = '{account}' limit 1"
    )[0]
    demo.change_raw(
        f"update billing.subscription_periods set amount = amount * 2 where subscription = '{subscription}'"
    )
    run_closed(demo, closed)
    assert demo.rows(MOVEMENTS.format("< '2026-08-01'")) == before
    told = demo.rows(
        "select month, opening_mrr_minor, expansion_minor, correction_minor, closing_mrr_minor from "
        f"marts.mrr_movements where account_id = '{account}' and month >= '2026-07-01' order by 1"
    )
    assert told == [
        (LAST_CLOSED, paid, 0, 0, paid),
        (FIRST_OPEN, paid, 0, paid, 2 * paid),
        (date(2026, 9, 1), 2 * paid, 0, 0, 2 * paid),
    ]
    of_others = f"account_id <> '{account}' and month"
    assert demo.rows(MOVEMENTS.format(">= '2026-08-01'").replace("month", of_others, 1)) == [
        row for row in after if row[0] != account
    ]


def test_an_account_that_billing_forgets_stays_in_the_closed_months_and_is_taken_back_after(demo: Project) -> None:
    demo.run(AS_OF)
    closed = close(demo)
    before = demo.rows(MOVEMENTS.format("< '2026-08-01'"))
    account, customer, paid = _customer(demo)
    demo.change_raw(f"delete from billing.subscription_periods where customer = '{customer}'")
    run_closed(demo, closed)
    assert demo.rows(MOVEMENTS.format("< '2026-08-01'")) == before
    assert demo.rows(
        "select month, opening_mrr_minor, churn_minor, correction_minor, closing_mrr_minor from marts.mrr_movements "
        f"where account_id = '{account}' and month >= '2026-08-01'"
    ) == [(FIRST_OPEN, paid, 0, -paid, 0)]


def _customer(demo: Project) -> tuple[str, str, int]:
    """An account that pays at the end of July with one billing customer: its id, billing's, and its MRR."""
    return demo.rows(
        "select account_id, min(account_key), min(closing_mrr_minor) from marts.mrr_movements "
        "inner join intermediate.int_account_keys using (account_id) "
        "where month = '2026-07-01' and closing_mrr_minor > 0 and account_key like 'cus_%' "
        "group by 1 having count(*) = 1 order by 1 limit 1"
    )[0]
