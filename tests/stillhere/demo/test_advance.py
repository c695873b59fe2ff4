"""The demo lives on: it answers what was delivered, and nothing that was known before changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from typer.testing import CliRunner

from stillhere.cli import build_app
from stillhere.commands.demo import CannotLiveOnError, advance_demo
from stillhere.company_folder import read_company
from stillhere.demo.build import answer_deliveries, build_demo, draw_world
from stillhere.demo.delivered import DELIVERED_SCHEMA
from stillhere.demo.recipe import Recipe
from stillhere.demo.record import no_answers, read_record
from stillhere.operations import open_operations, writing
from stillhere.operations.campaign_memory import store_contacts_made
from stillhere.operations.mail_events import kinds_of
from stillhere.operations.tables import ledger
from stillhere.settings import Settings
from tests.stillhere.demo.conftest import Company
from tests.stillhere.demo.conftest import read_company as company_in

UNTIL = date(2026, 9, 30)
RECIPE = Recipe(accounts=600, seed=5, until=UNTIL)


def delivered(as_of: date, accounts: range, kind: str = "mail") -> pl.DataFrame:
    """A mail or a call to each of the accounts with these numbers."""
    rows = [(kind, f"m-{nth}-{as_of}", "note", f"ACC-{nth:06d}", None, as_of) for nth in accounts]
    return pl.DataFrame(rows, schema=DELIVERED_SCHEMA, orient="row")


def built(tmp_path: Path, recipe: Recipe, record: pl.DataFrame, name: str) -> Company:
    folder = tmp_path / name
    build_demo(recipe, folder / "sources", folder / "truth", record=record)
    return company_in(folder / "sources", folder / "truth", recipe.until)


def on(days: int) -> Recipe:
    return Recipe(RECIPE.accounts, RECIPE.seed, UNTIL + timedelta(days=days))


@pytest.fixture(scope="module")
def lives(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Company]:
    """The same company left alone for 60 days, and after everybody had a mail on the first day."""
    folder = tmp_path_factory.mktemp("lives")
    record = answer_deliveries(RECIPE, delivered(UNTIL, range(1, 601)), no_answers())
    return {
        "before": built(folder, RECIPE, no_answers(), "before"),
        "alone": built(folder, on(60), no_answers(), "alone"),
        "answered": built(folder, on(60), record, "answered"),
    }


def gone(company: Company) -> set[str]:
    """Customers who have asked to leave, or left, by the last day: by the truth."""
    return set(company.truth.filter(pl.col("decided_on") <= company.until)["account_id"])


def cancelled(company: Company) -> set[str]:
    """The same by what billing's own rows say."""
    periods = company.tables["billing.subscription_periods"]
    asked = periods.filter(pl.col("cancel_requested").is_not_null() | pl.col("end_reason").is_not_null())
    customers = company.tables["billing.customers"].filter(pl.col("id").is_in(asked["customer"].implode()))
    return set(customers["name"])


def test_some_of_each_type_are_planted_and_a_type_fits_the_plan() -> None:
    world = draw_world(RECIPE)
    leaves = dict(zip(world.responses.tolist(), world.planned.leaves.tolist(), strict=True))
    assert leaves == {"persuadable": True, "lost_cause": True, "sure_thing": False, "do_not_disturb": False}


def test_who_is_kept_is_persuadable_and_would_have_left(lives: dict[str, Company]) -> None:
    record = read_record(lives["answered"].truth_folder, lives["answered"].until)
    kept = record.filter(effect="kept")
    assert kept.height > 10
    assert set(kept["response"]) == {"persuadable"}
    would_leave = gone(lives["alone"]) - gone(lives["before"])
    stayed = would_leave - gone(lives["answered"])
    assert stayed == would_leave & set(kept["account_id"])
    assert len(stayed) > 5


def test_who_is_lost_wanted_not_to_be_disturbed_and_would_have_stayed(lives: dict[str, Company]) -> None:
    record = read_record(lives["answered"].truth_folder, lives["answered"].until)
    lost = record.filter(effect="lost")
    assert lost.height > 3
    assert set(lost["response"]) == {"do_not_disturb"}
    assert gone(lives["answered"]) - gone(lives["alone"]) == set(lost["account_id"])


def test_billing_tells_the_same_as_the_truth(lives: dict[str, Company]) -> None:
    more = cancelled(lives["answered"]) - cancelled(lives["alone"])
    fewer = cancelled(lives["alone"]) - cancelled(lives["answered"])
    assert len(more) >= len(gone(lives["answered"]) - gone(lives["alone"])) * 0.9
    assert len(fewer) >= 5


def test_the_lost_causes_leave_as_planned(lives: dict[str, Company]) -> None:
    types = lives["alone"].truth.select("account_id", "response")
    lost_causes = set(types.filter(response="lost_cause")["account_id"])
    assert gone(lives["answered"]) & lost_causes == gone(lives["alone"]) & lost_causes


@pytest.mark.parametrize(
    ("table", "moment"),
    [
        ("billing.invoices", "issued"),
        ("billing.payments", "attempted_at"),
        ("billing.refunds", "refunded_at"),
        ("billing.subscription_periods", "starts"),
    ],
)
def test_what_was_known_of_billing_before_the_first_answer_stays(
    lives: dict[str, Company], table: str, moment: str
) -> None:
    end = int(lives["before"].end.timestamp())
    mended = ("paid", "status", "updated", "ends", "end_reason", "recorded_at")

    def known(company: Company) -> pl.DataFrame:
        rows = company.tables[table].filter(pl.col(moment) <= end)
        return rows.drop([name for name in mended if name in rows.columns]).sort("id")

    assert_frame_equal(known(lives["answered"]), known(lives["before"]))


def test_use_and_conversations_of_before_stay_and_use_goes_on(lives: dict[str, Company]) -> None:
    def used(company: Company) -> pl.DataFrame:
        rows = company.usage.drop("file").filter(pl.col("received_at") <= lives["before"].end.astimezone(UTC))
        return rows.sort(rows.columns)

    assert_frame_equal(used(lives["answered"]), used(lives["before"]))
    for table in ("crm.calls", "crm.tickets"):
        ids = set(lives["before"].tables[table]["id"])
        assert ids <= set(lives["answered"].tables[table]["id"])
    kept = read_record(lives["answered"].truth_folder, UNTIL + timedelta(days=60)).filter(effect="kept")
    workspaces = [int(one[4:]) for one in kept["account_id"].to_list()]
    last = lives["answered"].usage.filter(
        pl.col("workspace").str.extract(r"(\d+)$").cast(pl.Int64).is_in(workspaces)
        & (pl.col("received_at") > lives["answered"].end.astimezone(UTC) - timedelta(days=14))
    )
    assert last["workspace"].n_unique() > len(workspaces) * 0.6


def test_later_answers_change_no_day_before_them(tmp_path: Path) -> None:
    """Two steps against one: whatever the second brings, all rows up to it are those of the first alone."""
    first = answer_deliveries(RECIPE, delivered(UNTIL, range(1, 301)), no_answers())
    one = built(tmp_path, on(20), first, "one")
    both = answer_deliveries(on(20), delivered(UNTIL + timedelta(days=20), range(301, 601)), first)
    assert both.head(first.height).equals(first)
    two = built(tmp_path, on(50), both, "two")
    end = int(one.end.timestamp())
    for table, moment in (("billing.invoices", "issued"), ("billing.payments", "attempted_at")):
        before, after = one.tables[table], two.tables[table].filter(pl.col(moment) <= end)
        assert set(before["id"]) == set(after["id"])
    used = two.usage.drop("file").filter(pl.col("received_at") <= one.end.astimezone(UTC))
    assert_frame_equal(used.sort(used.columns), one.usage.drop("file").sort(used.columns))


def test_the_same_deliveries_get_the_same_answers() -> None:
    given = delivered(UNTIL, range(1, 200))
    first, again = (answer_deliveries(RECIPE, given, no_answers()) for _ in range(2))
    assert first.equals(again)
    assert answer_deliveries(RECIPE, given, first).equals(first)


def test_a_second_contact_changes_nothing_more() -> None:
    first = answer_deliveries(RECIPE, delivered(UNTIL, range(1, 601)), no_answers())
    second = answer_deliveries(on(7), delivered(UNTIL + timedelta(days=7), range(1, 601)), first)
    changed = set(first.filter(pl.col("effect") != "none")["account_id"])
    later = second.slice(first.height).filter(pl.col("effect") != "none")
    assert not changed & set(later["account_id"])


def test_calls_are_made_and_stand_in_the_crm(tmp_path: Path) -> None:
    record = answer_deliveries(RECIPE, delivered(UNTIL, range(1, 101), "call"), no_answers())
    company = built(tmp_path, on(5), record, "called")
    calls = company.tables["crm.calls"].filter(pl.col("id") >= "C-9")
    assert calls.height == record["called_at"].count() > 80
    assert set(calls["outcome"]) == {"reached", "no answer"}
    assert record.filter(~pl.col("was_reached") & (pl.col("effect") != "none")).is_empty()


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The demo company with 120 customers, its data under `tmp_path`."""
    monkeypatch.setenv("STILLHERE_DATA", str(tmp_path / "data"))
    done = CliRunner().invoke(build_app(), ["demo", "--accounts", "120", "--seed", "5"])
    assert done.exit_code == 0, done.output
    return read_company(None)


def hand_over(settings: Settings, accounts: range) -> None:
    """What a live night leaves behind: mails accepted by the files sender, and one task on the call list."""
    engine, now = open_operations(settings.places.operations_url), datetime(2026, 10, 1, 4)  # noqa: DTZ001 - the tables keep UTC without a zone
    with writing(engine) as connection:
        for nth in accounts:
            who = {"person": f"person{nth}@a.example", "account_id": f"ACC-{nth:06d}", "occasion": f"note:{nth}"}
            what = {"mode": "live", "message_id": f"m{nth}", "campaign": "note", "as_of": UNTIL, "revision": 1}
            end = {"status": "accepted", "sender": "files", "detail": "", "reserved_at": now, "settled_at": now}
            connection.execute(ledger.insert().values(**who, **what, **end))
        place = {"campaign": "call", "account_id": "ACC-000099", "occasion": "o", "as_of": UNTIL, "outcome": "call"}
        store_contacts_made(connection, [{**place, "email": None}])


def test_advance_answers_what_the_ledger_says_was_delivered(settings: Settings) -> None:
    hand_over(settings, range(1, 61))
    words = advance_demo(settings, 3)
    assert "lived on to 2026-10-03. Answered: 61 deliveries" in words
    record = read_record(settings.places.truth, UNTIL + timedelta(days=3))
    opened = record.filter(pl.col("opened_at").is_not_null())["message_id"].to_list()
    engine = open_operations(settings.places.operations_url)
    with engine.connect() as connection:
        assert kinds_of(connection, record["message_id"].drop_nulls().to_list()) == {one: {"open"} for one in opened}
    assert "Answered: 0 deliveries" in advance_demo(settings, 1)


def test_a_preview_is_no_delivery(settings: Settings) -> None:
    assert "Answered: 0 deliveries" in advance_demo(settings, 1)


def test_beyond_its_half_year_the_company_cannot_live_on(settings: Settings) -> None:
    with pytest.raises(CannotLiveOnError, match="--advance 92 is the most"):
        advance_demo(settings, 93)


def test_advance_goes_alone(settings: Settings) -> None:
    done = CliRunner().invoke(build_app(), ["demo", "--advance", "1", "--seed", "4"])
    assert done.exit_code == 2
