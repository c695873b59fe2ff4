"""A broken source looks like mass churn: the night says which it is, and holds the campaigns that rest on it."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from tests.e2e.conftest import SMALL_DEMO
from tests.e2e.household import Household

RESTING_ON_USE = {"slipping_note", "champion_handover", "high_value_call", "onboarding_rescue"}


def test_a_usage_source_that_lost_half_of_its_rows_holds_what_rests_on_use_and_payment_notices_go_on(
    copy_of_live_night: Household,
) -> None:
    home = copy_of_live_night
    tonight = date.fromisoformat(home.out.name) + timedelta(days=1)
    home.run("demo", *SMALL_DEMO, "--until", tonight.isoformat())
    file = max((home.state / "sources" / "usage").glob("*.parquet"))
    assert file.stem == str(tonight)
    pl.read_parquet(file).gather_every(2).write_parquet(file)
    night = home.run("nightly", "--send")
    assert "usage source half empty: events has" in " ".join(night.stdout.split())
    short = [hold for hold in home.facts("holds")["holds"] if hold["rule"] == "usual_volume"]
    assert {hold["scope"] for hold in short} == {"campaign"}
    assert {hold["subject"] for hold in short} == RESTING_ON_USE
    assert all(f"{tonight:%A}, {tonight}" in hold["words"] for hold in short)
    live = home.rows(f"select distinct campaign from ledger where mode = 'live' and as_of = '{tonight}'")
    assert {("payment_notice",)} <= set(live) <= {("payment_notice",), ("goodbye",)}
    lists = pl.read_parquet(home.state / "nights" / f"{tonight}-1" / "segment_members.parquet")
    held = lists.filter(pl.col("status") == "held")["segment_id"].unique()
    assert {"slipping", "at_risk_high_value", "champion_gone"} <= set(held)
    assert "payment_failing" not in set(held)
    again = home.run("nightly", "--send")
    assert "has changed since this night was sealed" not in " ".join(again.stdout.split())


def test_use_that_fell_for_good_is_refused_until_a_person_accepts_it_and_is_the_usual_from_then_on(
    copy_of_live_night: Household,
) -> None:
    home = copy_of_live_night
    good = date.fromisoformat(home.out.name)
    for ahead in (1, 2):
        halve_use_of(home, good + timedelta(days=ahead))
        home.run("nightly")
        assert newest_use(home) == good
    [refused] = home.facts("holds")["refused_loads"]
    assert (refused["as_of"], refused["rules"]) == (str(good + timedelta(days=2)), ["usual_volume"])
    status = " ".join(home.run("status", expect=None).stdout.split())
    assert "usage.events" in status
    assert "are refused (usual_volume), not read" in status

    nothing = home.run("accept", "crm.companies", "--by", "Anna", "--because", "moved", expect=2)
    assert "nothing of crm.companies is refused; refused are: usage.events" in nothing.stderr + nothing.stdout
    told = home.run("accept", "usage.events", "--by", "Anna", "--because", "half moved to the new product")
    assert f"{refused['rows']:,} rows (usual_volume)" in told.stdout
    assert home.rows("select accepted_by, accepted_because from load_acceptances") == [
        ("Anna", "half moved to the new product")
    ]
    home.run("accept", "usage.events", "--by", "Anna", "--because", "once more", expect=2)

    halve_use_of(home, good + timedelta(days=3))
    night = " ".join(home.run("nightly").stdout.split())
    assert "Anna accepted it, half moved to the new product" in night
    assert newest_use(home) == good + timedelta(days=3)
    facts = home.facts("holds")
    assert facts["refused_loads"] == []
    assert "usual_volume" not in {hold["rule"] for hold in facts["holds"]}


def halve_use_of(home: Household, day: date) -> None:
    """The demo goes on to a day, on which every other row of its use is gone."""
    home.run("demo", *SMALL_DEMO, "--until", day.isoformat())
    file = max((home.state / "sources" / "usage").glob("*.parquet"))
    assert file.stem == str(day)
    pl.read_parquet(file).gather_every(2).write_parquet(file)


def newest_use(home: Household) -> date | None:
    """The newest day on which any account was active, by the published night."""
    cadence = pl.read_parquet(home.state / "published" / "account_cadence.parquet")
    newest: date | None = cadence["last_active_date"].max()
    return newest


def test_customers_whose_use_is_booked_to_others_hold_what_rests_on_the_model(copy_of_live_night: Household) -> None:
    """As many rows as ever, so no count can tell: half of the workspaces have lost theirs to the other half."""
    home = copy_of_live_night
    good = date.fromisoformat(home.out.name)
    tonight = good + timedelta(days=2)
    live_until_with_use_booked_to_others(home, tonight, days=2)
    night = home.run("nightly", "--send")
    found = model_holds(home)
    assert set(found) == {"slipping_note", "champion_handover", "high_value_call"}
    assert "inputs have jumped since" in " ".join(night.stdout.split())
    assert "silent_working_days" in found["slipping_note"]
    campaigns = home.rows(f"select distinct campaign from ledger where mode = 'live' and as_of = '{tonight}'")
    assert not {campaign for (campaign,) in campaigns} & set(found)
    assert "model_inputs_overnight" in (home.out / "report.html").read_text()

    live_until_with_use_booked_to_others(home, tonight + timedelta(days=1), days=3)
    home.run("nightly", "--send")
    assert f"have jumped since {good}" in model_holds(home)["slipping_note"]  # a night in doubt is no measure


def live_until_with_use_booked_to_others(home: Household, day: date, days: int) -> None:
    """The demo goes on to a day; in its last days every second workspace's use counts for the one before."""
    home.run("demo", *SMALL_DEMO, "--until", day.isoformat())
    for file in sorted((home.state / "sources" / "usage").glob("*.parquet"))[-days:]:
        events = pl.read_parquet(file)
        spaces = events["workspace"].unique().sort()
        booked_to = {space: spaces[at - at % 2] for at, space in enumerate(spaces)}
        events.with_columns(pl.col("workspace").replace(booked_to)).write_parquet(file)


def model_holds(home: Household) -> dict[str, str]:
    """Campaign to words, of holds on what the model reads."""
    return {hold["subject"]: hold["words"] for hold in home.facts("holds")["holds"] if hold["rule"] == "model_inputs"}
