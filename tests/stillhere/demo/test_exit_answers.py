"""Those who leave say why: to some goodbyes, by the planted cause, kept as the web page keeps an answer."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from stillhere.cli import build_app
from stillhere.commands.demo import advance_demo
from stillhere.company_folder import read_company
from stillhere.demo.build import answer_deliveries, draw_world
from stillhere.demo.delivered import DELIVERED_SCHEMA
from stillhere.demo.exit_reasons import SAID, WROTE, Question
from stillhere.demo.goodbye_answers import question_of
from stillhere.demo.recipe import Recipe
from stillhere.demo.record import no_answers, read_record, write_record
from stillhere.offboarding.goodbye import choices
from stillhere.operations import open_operations, reading, writing
from stillhere.operations.exit_answers import ExitAnswer, store_answer
from stillhere.operations.tables import exit_answers, ledger
from stillhere.settings import Settings
from stillhere.settings.goodbye import SOMETHING_ELSE, STOCK_REASONS, Goodbye

UNTIL = date(2026, 9, 30)
RECIPE = Recipe(accounts=600, seed=5, until=UNTIL)
REASONS = tuple(one.id for one in STOCK_REASONS)
ASKED = Question(frozenset({"goodbye"}), REASONS)


def goodbyes(accounts: range = range(1, 601), campaign: str = "goodbye") -> pl.DataFrame:
    rows = [("mail", f"m-{nth}", campaign, f"ACC-{nth:06d}", None, UNTIL) for nth in accounts]
    return pl.DataFrame(rows, schema=DELIVERED_SCHEMA, orient="row")


def said(question: Question = ASKED, delivered: pl.DataFrame | None = None) -> pl.DataFrame:
    record = answer_deliveries(RECIPE, goodbyes() if delivered is None else delivered, no_answers(), question)
    return record.filter(pl.col("exit_reason").is_not_null())


def test_some_who_leave_say_why_and_what_they_say_fits_the_cause() -> None:
    world, answers = draw_world(RECIPE), said()
    causes = world.planned.cause[answers["account_id"].str.slice(4).cast(pl.Int64).to_numpy() - 1]
    assert 20 < answers.height < int(world.planned.leaves.sum())
    assert set(causes) == set(SAID) - {"contacted"}
    assert all(reason in SAID[cause] for cause, reason in zip(causes, answers["exit_reason"], strict=True))
    of_price = answers.filter(pl.Series(causes == "price"))["exit_reason"]
    assert (of_price == "price").mean() > 0.4


def test_something_else_comes_with_words_and_some_may_be_quoted() -> None:
    answers = said()
    else_ = answers.filter(exit_reason=SOMETHING_ELSE)
    assert else_.height > 0
    assert (else_["exit_comment"] != "").all()
    wrote = answers.filter(pl.col("exit_comment") != "")
    assert 0 < wrote.height < answers.height
    assert set(wrote["may_quote"]) == {True, False}
    assert not answers.filter(pl.col("exit_comment") == "")["may_quote"].any()
    assert {row["exit_comment"] for row in wrote.to_dicts()} <= {
        words for one in WROTE.values() for words in one.values()
    }


def test_only_an_opened_mail_that_asks_is_answered_and_on_the_day_it_was_opened() -> None:
    answers = said()
    assert (answers["exit_answered_at"] > answers["opened_at"]).all()
    assert (answers["exit_answered_at"] - answers["opened_at"]).max() < timedelta(hours=2)
    assert said(delivered=goodbyes(campaign="note")).is_empty()


def test_a_reason_that_the_company_does_not_offer_is_something_else() -> None:
    assert set(said(Question(frozenset({"goodbye"}), ("no_need", "price")))["exit_reason"]) <= {
        "no_need",
        "price",
        SOMETHING_ELSE,
    }


def test_who_was_annoyed_into_leaving_says_so() -> None:
    first = answer_deliveries(RECIPE, goodbyes(campaign="note"), no_answers())
    lost = first.filter(effect="lost")["account_id"].str.slice(4).cast(pl.Int64).to_list()
    later = Recipe(RECIPE.accounts, RECIPE.seed, UNTIL + timedelta(days=30))
    asked = pl.concat([goodbyes(range(nth, nth + 1)) for nth in lost]).with_columns(as_of=pl.lit(later.until))
    answers = answer_deliveries(later, asked, first, ASKED).slice(first.height)
    reasons = answers["exit_reason"].drop_nulls()
    assert len(reasons) > 0
    assert set(reasons) <= set(SAID["contacted"])


def test_a_record_of_before_can_still_be_read(tmp_path: Path) -> None:
    record = answer_deliveries(RECIPE, goodbyes(range(1, 40)), no_answers(), ASKED)
    write_record(record.drop("exit_answered_at", "exit_reason", "exit_comment", "may_quote", "language"), tmp_path)
    there = read_record(tmp_path, UNTIL + timedelta(days=1))
    assert there.height == record.height
    assert there["exit_reason"].null_count() == record.height


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The demo company with 300 customers, its data under `tmp_path`; each was sent a goodbye."""
    monkeypatch.setenv("STILLHERE_DATA", str(tmp_path / "data"))
    done = CliRunner().invoke(build_app(), ["demo", "--accounts", "300", "--seed", "5"])
    assert done.exit_code == 0, done.output
    found = read_company(None)
    now = datetime(2026, 10, 1, 4)  # noqa: DTZ001 - the tables keep UTC without a zone
    with writing(open_operations(found.places.operations_url)) as connection:
        for nth in range(1, 301):
            who = {"person": f"person{nth}@a.example", "account_id": f"ACC-{nth:06d}", "occasion": f"goodbye:{nth}"}
            what = {"mode": "live", "message_id": f"m{nth}", "campaign": "goodbye", "as_of": UNTIL, "revision": 1}
            end = {"status": "accepted", "sender": "files", "detail": "", "reserved_at": now, "settled_at": now}
            connection.execute(ledger.insert().values(**who, **what, **end))
    return found


def test_the_demos_goodbye_is_the_one_campaign_that_asks(settings: Settings) -> None:
    assert question_of(settings).campaigns == {"goodbye"}


def test_answers_are_stored_as_the_page_stores_them_and_told_once(settings: Settings) -> None:
    own = ExitAnswer("m1", "ACC-000001", "faults", "typed by hand", may_quote=False, place=2, language="en")
    engine = open_operations(settings.places.operations_url)
    with writing(engine) as connection:
        store_answer(connection, own, datetime(2026, 10, 1, 9))  # noqa: DTZ001 - the tables keep UTC without a zone
    words = advance_demo(settings, 2)
    told = read_record(settings.places.truth, UNTIL + timedelta(days=2)).filter(pl.col("exit_reason").is_not_null())
    assert f", {told.height} said why they leave" in words
    told = told.filter(pl.col("message_id") != "m1")
    advance_demo(settings, 1)
    with reading(engine) as connection:
        stored = {row.message_id: row for row in connection.execute(select(exit_answers))}
    assert stored.pop("m1").comment == "typed by hand"
    assert set(stored) == set(told["message_id"])
    assert len(stored) > 5
    for row in told.to_dicts():
        kept = stored[row["message_id"]]
        assert (kept.reason, kept.comment, kept.may_quote, kept.language, kept.account_id) == (
            row["exit_reason"],
            row["exit_comment"],
            row["may_quote"],
            row["language"],
            row["account_id"],
        )
        assert 1 <= kept.place <= len(choices(Goodbye(), "en", "en", "any"))
        if kept.reason == SOMETHING_ELSE:
            assert kept.place == len(choices(Goodbye(), "en", "en", "any"))
    assert len({row.place for row in stored.values()}) > 1
