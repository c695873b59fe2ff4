"""A customer who comes back: one stay or two, a reactivation in the revenue, and off the lists of those who left."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest

from stillhere.demo.build import answer_deliveries, come_back
from stillhere.demo.delivered import DELIVERED_SCHEMA
from stillhere.demo.exit_reasons import Question
from stillhere.demo.recipe import Recipe
from stillhere.demo.record import no_answers
from stillhere.settings.goodbye import STOCK_REASONS
from tests.dbt.projects import Project, loaded_project

BEFORE, AS_OF = Recipe(accounts=600, seed=5), date(2026, 12, 20)
LONG = timedelta(days=30)
"""`reactivation_days` of the demo company."""


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, pl.DataFrame]:
    """The demo company after 81 days, everybody having had a mail on the first, and who has come back by then."""
    rows = [("mail", f"m{nth}", "note", f"ACC-{nth:06d}", None, BEFORE.until) for nth in range(1, 601)]
    delivered = pl.DataFrame(rows, schema=DELIVERED_SCHEMA, orient="row")
    asked = Question(frozenset({"note"}), tuple(one.id for one in STOCK_REASONS))
    record = come_back(BEFORE, AS_OF, answer_deliveries(BEFORE, delivered, no_answers(), asked))
    recipe = Recipe(BEFORE.accounts, BEFORE.seed, AS_OF)
    project = loaded_project(tmp_path_factory.mktemp("lived"), "config", recipe, record)
    project.run(AS_OF, {"exit_answers": said(record)})
    returns = record.filter((pl.col("effect") == "returned") & (pl.col("effect_on") <= AS_OF))
    truth = pl.read_parquet(project.settings.places.truth / "accounts.parquet").select("account_id", "left_on")
    return project, returns.select("account_id", "effect_on", "exit_reason").join(truth, on="account_id")


def said(record: pl.DataFrame) -> list[dict[str, object]]:
    """The answers as the operations database keeps them."""
    answered = record.filter(pl.col("exit_reason").is_not_null())
    return answered.select(
        "account_id", reason="exit_reason", answered_at=pl.col("exit_answered_at").dt.replace_time_zone(None)
    ).to_dicts()


def test_a_return_after_the_reactivation_days_is_a_reactivation_of_its_month(
    lived: tuple[Project, pl.DataFrame],
) -> None:
    project, returns = lived
    late = returns.filter(pl.col("effect_on") > pl.col("left_on") + LONG)
    assert late.height > 3
    expected = {(row["account_id"], row["effect_on"].replace(day=1)) for row in late.to_dicts()}
    found = project.rows("select account_id, month from marts.mrr_movements where reactivation_minor > 0")
    assert expected <= set(found)
    ids = ", ".join(f"'{one}'" for one in late["account_id"])
    anew = (
        f"select month from marts.mrr_movements where new_minor > 0 and month >= '2026-10-01' and account_id in ({ids})"
    )
    assert project.rows(anew) == []


def test_who_is_back_is_active_and_on_no_list_of_those_who_left(lived: tuple[Project, pl.DataFrame]) -> None:
    project, returns = lived
    ids = ", ".join(f"'{one}'" for one in returns["account_id"])
    rows = project.rows(f"select stage, days_since_left, mrr_minor > 0 from marts.accounts where account_id in ({ids})")
    assert len(rows) == returns.height
    assert set(rows) == {("active", None, True)}


def test_who_answered_and_came_back_has_left_and_is_not_saved(lived: tuple[Project, pl.DataFrame]) -> None:
    project, returns = lived
    answered = returns.filter(pl.col("exit_reason").is_not_null() & (pl.col("effect_on") > pl.col("left_on") + LONG))
    assert answered.height > 0
    told = dict(project.rows("select account_id, reason || ' ' || outcome from intermediate.int_exits"))
    assert {one: told[one] for one in answered["account_id"]} == {
        one: f"{reason} left" for one, reason in answered.select("account_id", "exit_reason").iter_rows()
    }


def test_revenue_still_adds_up(lived: tuple[Project, pl.DataFrame]) -> None:
    project, _ = lived
    project.dbt("test", "--select", "mrr_movements", "hamster_wheel", "retention", "test_type:data")
