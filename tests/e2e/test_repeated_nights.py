"""The same date twice, last month's date, and deciding anew."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from pathlib import Path

import duckdb
import polars as pl

from tests.e2e.household import Household, digests


def notes_of(steps: str, step: str) -> list[str]:
    return [one["note"] for one in json.loads(steps) if one["step"] == step]


LEDGER = "select message_id, status, settled_at from ledger where mode = 'live' order by message_id"
REPEATED = ("lists/*", "calls.*", "report.html", "mail/*.eml")


def test_the_same_date_twice_gives_the_same_bytes(copy_of_lived_night: Household) -> None:
    home = copy_of_lived_night
    before = {pattern: digests(home.out, pattern) for pattern in REPEATED}
    nights = digests(home.state / "nights")
    home.run("nightly")
    assert {pattern: digests(home.out, pattern) for pattern in REPEATED} == before
    assert digests(home.state / "nights") == nights
    first, again = home.rows("select steps from night_runs where kind = 'night' order by started_at")[-2:]
    [noted] = {note for (steps,) in (first, again) for note in notes_of(steps, "check sources")}
    assert re.fullmatch(r"\d+ loads read, [1-9]\d* rows in quarantine", noted)


def test_the_same_date_gives_the_same_bytes_also_after_stops_and_sends(copy_of_live_night: Household) -> None:
    home = copy_of_live_night
    lists, decisions = digests(home.out, "lists/*"), digests(home.state / "nights", "**/decisions.parquet")
    sent = home.rows(LEDGER)
    stopped = home.rows("select person from ledger where mode = 'live' limit 3")
    stops = home.data / "stops.csv"
    stops.write_text("email,reason\n" + "".join(f"{email},unsubscribed\n" for (email,) in stopped))
    home.run("suppress", "import", str(stops))
    home.run("nightly", "--send")
    assert digests(home.out, "lists/*") == lists
    assert digests(home.state / "nights", "**/decisions.parquet") == decisions
    assert home.rows(LEDGER) == sent


def test_deciding_anew_makes_a_new_revision_and_sends_nothing_again(copy_of_live_night: Household) -> None:
    home = copy_of_live_night
    sent = home.rows("select count(*) from ledger where mode = 'live' and status = 'accepted'")
    home.run("nightly", "--send", "--redecide")
    revisions = {folder.name[-1] for folder in (home.state / "nights").iterdir()}
    assert revisions == {"1", "2"}
    keys = home.rows("select campaign, person, occasion, count(*) from ledger where mode = 'live' group by 1, 2, 3")
    assert all(count == 1 for *_, count in keys)
    assert home.rows("select count(*) from ledger where mode = 'live' and status = 'accepted'") >= sent


CLOSES = "select month, closed_as_of, revision, row_count, digest from month_closes order by month"


def test_a_live_night_closes_months_for_good_and_reads_them_from_the_next_night_on(
    lived_night: Household, copy_of_live_night: Household
) -> None:
    home = copy_of_live_night
    newest = date.fromisoformat(home.out.name)
    closed = home.rows(CLOSES)
    assert lived_night.rows(CLOSES) == []  # a preview closes nothing
    assert len(closed) > 12
    assert date.fromisoformat(closed[-1][0]) + timedelta(days=31 + 30) <= newest + timedelta(days=1)
    assert {as_of for _, as_of, *_ in closed} == {newest.isoformat()}
    home.run("nightly", "--send")
    assert home.rows(CLOSES) == closed
    movements = "select count(*) filter (where is_closed), count(*) from marts.mrr_movements"
    with duckdb.connect(str(home.state / "warehouse.duckdb"), read_only=True) as warehouse:
        assert warehouse.execute(movements).fetchall() == [(0, pl.read_parquet(_movements(home, newest)).height)]


def _movements(home: Household, day: date) -> Path:
    return home.state / "nights" / f"{day}-1" / "mrr_movements.parquet"


def test_last_months_date_has_its_own_folder_and_moves_nothing_newer(copy_of_live_night: Household) -> None:
    home = copy_of_live_night
    published = (home.state / "published").resolve()
    newest = date.fromisoformat(home.out.name)
    untouched = digests(home.out), digests(published)
    ledger = home.rows("select * from ledger where mode = 'live' order by message_id")
    occasions = home.rows("select * from occasions order by 1, 2, 3")
    closed = home.rows(CLOSES)
    earlier = newest - timedelta(days=31)
    home.run("nightly", "--as-of", earlier.isoformat(), "--send", expect=None)
    assert (home.state / "published").resolve() == published
    assert (digests(home.state / "out" / newest.isoformat()), digests(published)) == untouched
    assert (home.state / "out" / earlier.isoformat() / "report.html").exists()
    assert home.rows("select * from ledger where mode = 'live' order by message_id") == ledger
    assert home.rows("select * from occasions order by 1, 2, 3") == occasions
    assert home.rows(CLOSES) == closed


def test_an_earlier_night_knows_nothing_of_what_came_later(copy_of_live_night: Household) -> None:
    home = copy_of_live_night
    newest = date.fromisoformat(home.out.name)
    earlier = (newest - timedelta(days=31)).isoformat()
    home.run("nightly", "--as-of", earlier)
    cadence = pl.read_parquet(home.state / "nights" / f"{earlier}-1" / "account_cadence.parquet")
    assert cadence.height > 0
    assert cadence["last_active_date"].max() <= date.fromisoformat(earlier)
