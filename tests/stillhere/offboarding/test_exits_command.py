"""`stillhere exits import` as people type it."""

from __future__ import annotations

import json
from datetime import date

import polars as pl
import pytest
import typer
from typer.testing import CliRunner

from stillhere.commands import exits
from stillhere.operations.open import open_operations
from stillhere.operations.snapshot import read_snapshot
from stillhere.settings import StillhereError
from tests.stillhere.campaigns.nights import quiet_night
from tests.stillhere.campaigns.world import TUESDAY_NIGHT, tiny_settings

GOOD = "Customer,Cancelled on,Why\ncus_1,2026-02-01,Too expensive\n"
BAD = "9,2026-02-01,Too expensive\n1,2026-03-05,Too expensive\n"
HOW = ("--columns", 'account_id=Customer,left_at="Cancelled on",reason=Why', "--reasons", "price=Too expensive")


@pytest.fixture
def settings(tmp_path, monkeypatch):
    made = tiny_settings(tmp_path, clock="data")
    for campaign in made.campaigns:
        words = made.folder / "campaigns" / campaign.id / "en.md"
        words.parent.mkdir()
        words.write_text("---\nsubject: Hello\n---\nHello {{ account_name }}!\n")
    monkeypatch.setenv("STILLHERE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("STILLHERE_COMPANY", str(made.folder))
    monkeypatch.delenv("STILLHERE_OPERATIONS_URL", raising=False)
    night = quiet_night(made, date(2026, 3, 2))
    pl.DataFrame({"account_key": ["cus_1"], "account_id": ["1"]}).write_parquet(night.folder / "account_keys.parquet")
    return made


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "exits.csv"
    path.write_text(GOOD)
    return path


def run(*words, code=0):
    app = typer.Typer()
    exits.register(app)
    result = CliRunner().invoke(app, ["exits", "import", *map(str, words)])
    if isinstance(result.exception, StillhereError):
        raise result.exception
    assert result.exit_code == code, result.output
    return result.stdout


def kept(settings):
    return [
        (row["account_id"], row["reason"])
        for row in read_snapshot(open_operations(settings.places.operations_url), TUESDAY_NIGHT)["exits"]
    ]


def test_exits_are_taken_once_under_the_accounts_own_id(settings, file) -> None:
    assert "Taken: 1 of 1 rows; new: 1, changed: 0, as before: 0; left out: 0." in run(file, *HOW)
    facts = json.loads(run(file, *HOW, "--json"))
    assert (facts["new"], facts["changed"], facts["same"], facts["by_reason"]) == (0, 0, 1, {"price": 1})
    assert kept(settings) == [("1", "price")]


def test_one_bad_row_keeps_all_out_and_every_one_is_told(settings, file) -> None:
    file.write_text(GOOD + BAD)
    with pytest.raises(StillhereError) as error:
        run(file, *HOW)
    told = str(error.value)
    assert "exits.csv, row 3: account '9' is none of ours" in told
    assert "exits.csv, row 4: left_at 2026-03-05 is after today, 2026-03-04" in told
    assert getattr(error.value, "exit_code", None) == 2
    assert kept(settings) == []


def test_bad_rows_are_left_out_when_that_is_wanted(settings, file) -> None:
    file.write_text(GOOD + BAD)
    facts = json.loads(run(file, *HOW, "--skip-bad", "--json"))
    assert (facts["taken"], facts["left_out"], len(facts["mistakes"])) == (1, 2, 2)
    assert kept(settings) == [("1", "price")]


def test_a_dry_run_stores_nothing_and_says_by_its_code_whether_all_is_well(settings, file) -> None:
    assert "Would be taken: 1 of 1 rows; new: 1" in run(file, *HOW, "--dry-run")
    file.write_text(GOOD + BAD)
    assert "left out: 2" in run(file, *HOW, "--dry-run", code=2)
    assert kept(settings) == []
