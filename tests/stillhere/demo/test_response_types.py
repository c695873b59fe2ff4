"""Each response type answers being contacted in its own way, and all of it shows where a company would see it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from stillhere.demo.build import answer_deliveries
from stillhere.demo.delivered import tell_opens
from stillhere.demo.recipe import Recipe
from stillhere.demo.record import no_answers
from stillhere.demo.responses import OPENS, REPLIES
from stillhere.operations import open_operations, reading
from stillhere.operations.mail_events import kinds_of
from tests.stillhere.demo.test_advance import UNTIL, built, delivered

MANY = Recipe(accounts=4000, seed=7, until=UNTIL)
"""So many that a share can be told from another one."""


@pytest.fixture(scope="module")
def mailed() -> pl.DataFrame:
    return answer_deliveries(MANY, delivered(UNTIL, range(1, 4001)), no_answers())


@pytest.fixture(scope="module")
def called() -> pl.DataFrame:
    return answer_deliveries(MANY, delivered(UNTIL, range(1, 4001), "call"), no_answers())


@pytest.mark.parametrize("response", sorted(OPENS))
def test_each_type_opens_and_replies_as_often_as_planted(mailed: pl.DataFrame, response: str) -> None:
    of_type = mailed.filter(response=response)
    opened = of_type["opened_at"].count()
    # Four standard errors of the smallest type, some 130 customers.
    assert abs(opened / of_type.height - OPENS[response]) < 4 * (0.25 / of_type.height) ** 0.5
    assert abs(of_type["replied_at"].count() / opened - REPLIES[response]) < 4 * (0.25 / opened) ** 0.5
    assert of_type.filter(pl.col("replied_at").is_not_null() & pl.col("opened_at").is_null()).is_empty()


def test_opens_are_the_providers_events_and_replies_are_tickets_of_the_crm(
    mailed: pl.DataFrame, tmp_path: Path
) -> None:
    few = mailed.head(600)
    engine = open_operations(f"sqlite:///{tmp_path / 'operations.sqlite'}")
    tell_opens(engine, few)
    opened = few.filter(pl.col("opened_at").is_not_null())
    with reading(engine) as connection:
        kinds = kinds_of(connection, few["message_id"].to_list())
    assert kinds == {one: {"open"} for one in opened["message_id"]}
    lived = Recipe(MANY.accounts, MANY.seed, UNTIL + timedelta(days=4))
    tickets = built(tmp_path, lived, few, "replied").tables["crm.tickets"].filter(pl.col("id") >= "T-9")
    replied = few.filter(pl.col("replied_at").is_not_null())
    assert replied.height > 10
    assert sorted(tickets["company_id"]) == sorted(replied["account_id"])
    assert set(replied["response"]) >= {"persuadable", "sure_thing"}


@pytest.mark.parametrize("kind", ["mail", "call"])
def test_who_wants_not_to_be_disturbed_is_made_worse_by_either_contact_and_nobody_else(
    mailed: pl.DataFrame, called: pl.DataFrame, kind: str
) -> None:
    record = mailed if kind == "mail" else called
    lost = record.filter(effect="lost")
    noticed = record.filter(pl.col("opened_at").is_not_null() | pl.col("was_reached")).filter(response="do_not_disturb")
    assert set(lost["response"]) == {"do_not_disturb"}
    assert set(lost["account_id"]) == set(noticed["account_id"])
    assert lost.height > 40
    assert set(record.filter(effect="kept")["response"]) == {"persuadable"}
    others = record.filter(pl.col("response").is_in(["sure_thing", "lost_cause"]))
    assert set(others["effect"]) == {"none"}
