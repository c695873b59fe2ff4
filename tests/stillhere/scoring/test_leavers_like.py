"""The pattern of a reason: the sign its leavers had shown, on planted causes; nothing where nothing is planted."""

from __future__ import annotations

from datetime import date, timedelta

import duckdb
import polars as pl
import pytest

from models.model import RiskModel
from stillhere.scoring.leavers_like import ANSWERS_NEEDED, exit_patterns, note_in_feedback
from stillhere.scoring.risk import score_night
from stillhere.settings import Settings
from tests.models.simulated_panel import simulated_panel
from tests.models.trained import marts

AS_OF = date(2026, 6, 30)
ACCOUNTS = 900


class World:
    """A scored company whose panel tells of planted causes."""

    def __init__(self, settings: Settings) -> None:
        self.warehouse = marts(AS_OF, ACCOUNTS)
        scores = score_night(self.warehouse, settings, AS_OF)
        assert scores.model is not None
        self.model: RiskModel = scores.model
        self.risk = scores.risk
        self.panel = simulated_panel(ACCOUNTS, AS_OF, with_cause=True)

    def patterns(self, exits: pl.DataFrame, model: RiskModel | None = None) -> dict[str, dict[str, object]]:
        """The mart by reason, after these exits (account_id, requested_date, reason, kind)."""
        self.warehouse.register("told", exits.to_arrow())
        self.warehouse.execute("create or replace table marts.exits as select * from told")
        return {row["reason"]: row for row in exit_patterns(self.warehouse, model or self.model, self.risk).to_dicts()}

    def left_because(self, cause: str, reason: str, count: int | None = None) -> pl.DataFrame:
        """Exits of those who left for a planted cause, three weeks after their last cut-off."""
        left = self.panel.filter(pl.col("left_in_horizon") & (pl.col("cause") == cause))
        newest = left.sort("cutoff").unique("account_id", keep="last", maintain_order=True).sort("account_id")
        return told(newest.head(count or newest.height), reason)


def told(rows: pl.DataFrame, reason: str, kind: str | None = None) -> pl.DataFrame:
    return rows.select(
        "account_id",
        requested_date=pl.col("cutoff") + timedelta(days=21),
        reason=pl.lit(reason),
        kind=pl.lit(kind, dtype=pl.String),
    )


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    from dataclasses import replace

    from stillhere.settings import load_settings
    from stillhere.settings.places import Places

    folder = tmp_path_factory.mktemp("company")
    (folder / "company.yml").write_text("{id: small, name: Small, kind: contract}\n")
    (folder / "sources.yml").write_text("sources: {log: {kind: csv, vendor: log, path: '*.csv', resources: {a: {}}}}\n")
    return World(replace(load_settings(folder, {}), places=Places(folder)))


def test_a_planted_cause_is_the_pattern_of_its_reason(world: World) -> None:
    exits = pl.concat([world.left_because("price", "too dear"), world.left_because("champion_left", "no owner")])
    found = world.patterns(exits)
    assert {reason: row["sign"] for reason, row in found.items()} == {
        "too dear": "price_rise",
        "no owner": "champion_silent",
    }
    dear = found["too dear"]
    assert dear["verdict"] == "pattern"
    assert dear["pictured"] == dear["answers"] == exits.filter(pl.col("reason") == "too dear").height
    assert float(str(dear["stayed_share"])) < 0.1 < 0.5 < float(str(dear["shown_share"]))
    shown = world.risk.filter(pl.col("signs").str.contains('"code": "price_rise"', literal=True)).height
    assert dear["active_accounts_like_it"] == shown > 0


def test_nothing_is_said_before_the_thirtieth_answer(world: World) -> None:
    few = world.patterns(world.left_because("price", "too dear", ANSWERS_NEEDED - 1))["too dear"]
    assert (few["answers"], few["verdict"], few["sign"]) == (29, "too few answers", None)
    assert few["active_accounts_like_it"] is None
    enough = world.patterns(world.left_because("price", "too dear", ANSWERS_NEEDED))["too dear"]
    assert (enough["answers"], enough["verdict"]) == (30, "pattern")


def test_a_reason_given_by_accounts_that_are_like_all_others_has_no_pattern(world: World) -> None:
    stayed = world.panel.filter(~pl.col("left_in_horizon")).sort("cutoff", "account_id")
    anybody = stayed.unique("account_id", keep="last", maintain_order=True).gather_every(6).head(120)
    row = world.patterns(told(anybody, "no need"))["no need"]
    assert (row["verdict"], row["sign"], row["active_accounts_like_it"]) == ("no pattern", None, None)
    assert row["pictured"] == 120


def test_a_payment_that_failed_is_no_answer_and_an_old_picture_none(world: World) -> None:
    price = world.left_because("price", "too dear")
    failed = price.with_columns(kind=pl.lit("involuntary"))
    assert world.patterns(failed) == {}
    late = price.with_columns(requested_date=pl.lit(AS_OF + timedelta(days=400)))
    row = world.patterns(late)["too dear"]
    assert (row["pictured"], row["verdict"]) == (0, "no pattern")


def test_without_a_model_nothing_can_be_told(world: World) -> None:
    world.patterns(world.left_because("price", "too dear"))
    found = exit_patterns(world.warehouse, None, world.risk)
    assert found["verdict"].to_list() == ["no model"]


def test_exit_feedback_says_it_for_every_month_of_the_reason() -> None:
    warehouse = duckdb.connect()
    warehouse.execute("create schema marts")
    warehouse.execute(
        "create table marts.exit_feedback as select * from (values ('price', date '2026-05-01', 9::bigint), "
        "('price', date '2026-06-01', null), ('support', date '2026-06-01', 4)) "
        "as told(reason, month, active_accounts_like_it)"
    )
    told_tonight = pl.DataFrame({"reason": ["price", "support"], "active_accounts_like_it": [7, None]})
    note_in_feedback(warehouse, told_tonight)
    rows = warehouse.execute("select reason, active_accounts_like_it from marts.exit_feedback order by all").fetchall()
    assert rows == [("price", 7), ("price", 7), ("support", None)]
