"""The call list goes out, comes back filled in, and every mistake in it is told at once."""

from __future__ import annotations

import csv
from datetime import date

import polars as pl
import pytest
from openpyxl import load_workbook

from stillhere.campaigns.arbiter import decide
from stillhere.lists.call_list import CALL_COLUMNS, FILL_IN, SHEET_COLUMNS, CallNight, write_call_list
from stillhere.lists.calls_import import CallsImportError, read_calls
from stillhere.settings import ActivityWords
from tests.stillhere.campaigns.world import TUESDAY_NIGHT, campaign, candidates, facts, rules, wide

CALL = campaign("value_call", what="call", say="Ask what has changed.")
TODAY = date(2026, 3, 5)
WIDE = wide(
    [{"account_id": "1", "value_minor": 100}, {"account_id": "2", "value_minor": 900, "account_name": "=Evil"}],
    cadence=[{"account_id": "2", "usual_gap_days": 6.2, "days_silent": 31, "last_active_date": date(2026, 1, 31)}],
    risk=[{"account_id": "2", "codes": ["quiet"]}],
)


def known(_night):
    """The calls that the night decided on."""
    return {("value_call", "1"), ("value_call", "2")}


def write_calls(folder):
    decisions = decide(
        candidates({"campaign": "value_call", "account_id": "1"}, {"campaign": "value_call", "account_id": "2"}),
        facts(WIDE),
        rules(CALL),
        TUESDAY_NIGHT,
    )
    names = pl.DataFrame({"contact_id": ["1-1", "2-1"], "first_name": ["Ada", "Bo"]})
    night = CallNight(TUESDAY_NIGHT, {"value_call": CALL}, WIDE, names, ActivityWords(verb="used it"), "EUR")
    return write_call_list(folder, decisions, night)


@pytest.fixture
def calls(tmp_path):
    return write_calls(tmp_path)


def csv_rows(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def fill_in_csv(path, *changes, delimiter=",", encoding="utf-8"):
    rows = [{**row, **change} for row, change in zip(csv_rows(path), changes, strict=True)]
    with path.open("w", newline="", encoding=encoding) as file:
        writer = csv.DictWriter(file, CALL_COLUMNS, delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_a_call_says_whom_why_and_what_to_say(calls) -> None:
    first = csv_rows(calls.csv)[0]
    assert (first["account_id"], first["contact_name"], first["yearly_value"]) == ("2", "Bo", "9.0")
    assert first["habit"] == "used it every 6 days, last on 31 January 2026, silent for 31 days"
    assert (first["what_to_say"], first["what_changed"]) == ("Ask what has changed.", "quiet")
    assert (first["outcome"], first["note"], first["account_name"]) == ("", "", "'=Evil")


def test_a_list_that_was_filled_in_is_kept_when_the_night_is_run_again(calls, tmp_path) -> None:
    untouched = calls.csv.read_bytes()
    filled = fill_in_csv(calls.csv, {"outcome": "done"}, {"outcome": ""}).read_bytes()
    write_calls(tmp_path)
    write_calls(tmp_path)
    assert calls.csv.read_bytes() == untouched
    assert (tmp_path / "calls-before-1.csv").read_bytes() == filled
    assert sorted(path.name for path in tmp_path.glob("calls*")) == ["calls-before-1.csv", "calls.csv", "calls.xlsx"]


def test_a_filled_in_csv_comes_back_as_a_german_spreadsheet_saves_it(calls) -> None:
    done = {"outcome": "Done", "note": "Rückruf am Montag", "called_on": "04.03.2026"}
    path = fill_in_csv(calls.csv, done, {}, delimiter=";", encoding="cp1252")
    read = read_calls(path, TODAY, known)
    assert read.not_filled_in == 1
    (outcome,) = read.outcomes
    assert (outcome.outcome, outcome.note, outcome.called_on) == ("done", "Rückruf am Montag", date(2026, 3, 4))
    assert (outcome.account_id, outcome.campaign) == ("2", "value_call")


def test_a_filled_in_workbook_gives_what_the_csv_gives(calls) -> None:
    fill_in_csv(calls.csv, {"outcome": "no answer"}, {"outcome": "not a fit", "called_on": "2026-03-04"})
    book = load_workbook(calls.xlsx)
    page = book.worksheets[0]
    at = {name: number for number, name in enumerate(SHEET_COLUMNS, start=1)}
    page.cell(2, at["outcome"], "no answer")
    page.cell(3, at["outcome"], "not a fit")
    page.cell(3, at["called_on"], date(2026, 3, 4))
    book.save(calls.xlsx)
    assert read_calls(calls.xlsx, TODAY, known) == read_calls(calls.csv, TODAY, known)


def test_the_workbook_shows_the_account_first_and_where_to_write(calls) -> None:
    page = load_workbook(calls.xlsx).worksheets[0]
    assert sorted(SHEET_COLUMNS) == sorted(CALL_COLUMNS)
    assert (page.cell(2, 1).value, page.freeze_panes) == ("=Evil", "B2")
    tinted = {name for at, name in enumerate(SHEET_COLUMNS, start=1) if page.cell(2, at).fill.fgColor.rgb != "00000000"}
    assert tinted == set(FILL_IN)
    assert page.cell(4, SHEET_COLUMNS.index("note") + 1).fill.fgColor.rgb == "00000000"
    assert (page.page_setup.orientation, page.print_title_rows) == ("landscape", "$1:$1")


def test_every_mistake_is_told_at_once_with_its_row_and_what_is_allowed(calls) -> None:
    fill_in_csv(calls.csv, {"outcome": "maybe"}, {"outcome": "done", "called_on": "3/4/26", "account_id": ""})
    with pytest.raises(CallsImportError) as error:
        read_calls(calls.csv, TODAY, known)
    outcome, account, day, unknown = error.value.mistakes
    assert outcome == "calls.csv, row 2: outcome 'maybe' is not known; use one of: done, no answer, not a fit"
    assert account.startswith("calls.csv, row 3: account_id is empty")
    assert "YYYY-MM-DD" in day
    assert "has no call of 'value_call' to ''" in unknown


def test_a_call_that_no_night_asked_for_is_a_mistake_unless_its_night_is_gone(calls) -> None:
    fill_in_csv(calls.csv, {"outcome": "done", "account_id": "77"}, {})
    with pytest.raises(CallsImportError, match="has no call of 'value_call' to '77'"):
        read_calls(calls.csv, TODAY, known)
    assert len(read_calls(calls.csv, TODAY, lambda _: None).outcomes) == 1


def test_a_call_in_the_future_is_a_mistake(calls) -> None:
    fill_in_csv(calls.csv, {"outcome": "done", "called_on": "2026-03-06"}, {})
    with pytest.raises(CallsImportError, match="after today"):
        read_calls(calls.csv, TODAY, known)


@pytest.mark.parametrize("content", [b"", b"name,amount\nx,1\n"])
def test_another_file_is_not_taken_for_a_call_list(tmp_path, content) -> None:
    path = tmp_path / "other.csv"
    path.write_bytes(content)
    with pytest.raises(CallsImportError, match=r"calls\.csv or calls\.xlsx"):
        read_calls(path, TODAY, known)


def test_a_broken_workbook_is_told(tmp_path) -> None:
    path = tmp_path / "calls.xlsx"
    path.write_bytes(b"no zip")
    with pytest.raises(CallsImportError, match="save it again"):
        read_calls(path, TODAY, known)


def test_a_missing_file_is_told(tmp_path) -> None:
    with pytest.raises(CallsImportError, match="check the name"):
        read_calls(tmp_path / "none.csv", TODAY, known)
