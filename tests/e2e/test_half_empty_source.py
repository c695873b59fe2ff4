"""A broken source looks like mass churn: the night says which source it is, and nobody gets a mail."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from tests.e2e.conftest import SMALL_DEMO
from tests.e2e.household import Household

LIVE_MAILS = "select count(*) from ledger where mode = 'live' and as_of = '{}'"


def test_a_usage_source_that_lost_half_of_its_rows_is_named_and_no_mail_leaves(copy_of_live_night: Household) -> None:
    home = copy_of_live_night
    tonight = date.fromisoformat(home.out.name) + timedelta(days=2)
    home.run("demo", *SMALL_DEMO, "--until", tonight.isoformat())
    files = sorted((home.state / "sources" / "usage").glob("*.parquet"))[-2:]
    assert [file.stem for file in files] == [str(tonight - timedelta(days=1)), str(tonight)]
    for file in files:
        pl.read_parquet(file).gather_every(2).write_parquet(file)
    night = home.run("nightly", "--send", expect=3)
    assert "usage source half empty: events has" in " ".join(night.stdout.split())
    [held] = [hold for hold in home.facts("holds")["holds"] if hold["rule"] == "usual_volume"]
    assert held["scope"] == "night"
    assert f"{tonight:%A}, {tonight}" in held["words"]
    assert home.rows(LIVE_MAILS.format(tonight)) == [(0,)]
    lists = pl.read_parquet(home.state / "nights" / f"{tonight}-1" / "segment_members.parquet")
    assert lists["status"].unique().to_list() == ["held"]
