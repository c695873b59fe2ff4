"""What people find when they open a list."""

from __future__ import annotations

import csv
from datetime import date

from openpyxl import load_workbook

from stillhere.campaigns.segments import empty_members, members_tonight
from stillhere.campaigns.story import amount
from stillhere.lists.lists import LIST_COLUMNS, ListsNight, write_lists
from tests.stillhere.campaigns.world import TUESDAY_NIGHT, segment, wide

NIGHT = ListsNight(as_of=TUESDAY_NIGHT, currency="EUR", horizon_days=60)


def written(tmp_path, night=NIGHT, account=None, rules=None, previous=None):
    rows = wide([{"account_id": "1", "value_minor": 123_456, **(account or {})}], risk=[{"account_id": "1"}])
    rules = rules or [segment()]
    members = members_tonight(rows, rules, empty_members() if previous is None else previous, TUESDAY_NIGHT)
    return write_lists(tmp_path / "lists", rules, members, empty_members() if previous is None else previous, night)


def sheet(path, at=0):
    return [list(row) for row in load_workbook(path).worksheets[at].iter_rows(values_only=True)]


def test_a_list_has_the_columns_of_segment_members(tmp_path) -> None:
    (one,) = written(tmp_path)
    with one.csv.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == LIST_COLUMNS
    assert (rows[0]["account_id"], rows[0]["since"], rows[0]["value_minor"]) == ("1", "2026-03-03", "123456")


def test_the_workbook_speaks_in_words_and_amounts(tmp_path) -> None:
    heading, row = sheet(written(tmp_path)[0].xlsx)
    told = dict(zip(heading, row, strict=True))
    assert told["Yearly value (EUR)"] == 1234.56
    assert (told["New tonight"], told["Status"]) == ("yes", "on the list")


def test_no_cell_is_ever_a_formula(tmp_path) -> None:
    for start in ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20"):
        name = f"{start}cmd|' /C calc'!A0"
        (one,) = written(tmp_path, account={"account_name": name})
        with one.csv.open(newline="") as file:
            cell = next(csv.DictReader(file))["account_name"]
        assert cell == f"'{name}"
        cells = [cell for row in load_workbook(one.xlsx).worksheets[0].iter_rows() for cell in row]
        assert {cell.data_type for cell in cells} <= {"s", "n"}


def test_the_same_night_gives_the_same_bytes(tmp_path) -> None:
    first, second = written(tmp_path / "a")[0], written(tmp_path / "b")[0]
    assert first.csv.read_bytes() == second.csv.read_bytes()
    assert first.xlsx.read_bytes() == second.xlsx.read_bytes()


def test_the_list_explains_itself(tmp_path) -> None:
    about = dict(sheet(written(tmp_path)[0].xlsx, at=1))
    assert about["What it is"] == "A list."
    assert about["Rule"].startswith("stage")
    assert about["Rule changed since last night"] == "no"


def test_a_changed_rule_is_told(tmp_path) -> None:
    rows = wide([{"account_id": "1"}])
    before = members_tonight(rows, [segment(stay_days=9)], empty_members(), date(2026, 3, 2))
    (one,) = written(tmp_path, previous=before)
    assert dict(sheet(one.xlsx, at=1))["Rule changed since last night"].startswith("yes")
    assert one.previous_version == before["version"][0]


def test_a_rule_that_nobody_meets_any_more_has_changed_all_the_same(tmp_path) -> None:
    before = members_tonight(wide([{"account_id": "1"}]), [segment()], empty_members(), date(2026, 3, 2))
    (one,) = written(tmp_path, rules=[segment(all={"stage": "= left"})], previous=before)
    assert one.members == 0
    assert dict(sheet(one.xlsx, at=1))["Rule changed since last night"].startswith("yes")


def test_whether_the_rule_of_an_empty_list_has_changed_is_not_known(tmp_path) -> None:
    other = members_tonight(wide([{"account_id": "1"}]), [segment("other")], empty_members(), date(2026, 3, 2))
    (one,) = written(tmp_path, previous=other)
    assert dict(sheet(one.xlsx, at=1))["Rule changed since last night"] == "not known: nobody was on it last night"


def test_a_list_of_a_sealed_night_does_not_claim_a_rule_it_did_not_come_by(tmp_path) -> None:
    members = members_tonight(wide([{"account_id": "1"}]), [segment()], empty_members(), TUESDAY_NIGHT)
    (one,) = write_lists(tmp_path / "lists", [segment(all={"stage": "= left"})], members, empty_members(), NIGHT)
    assert one.version == members["version"][0]
    assert dict(sheet(one.xlsx, at=1))["Rule"].startswith("(changed in segments.yml since")


def test_a_held_list_says_so_everywhere(tmp_path) -> None:
    held = ListsNight(TUESDAY_NIGHT, "EUR", 60, held_because="billing is late")
    (one,) = written(tmp_path, night=held)
    book = load_workbook(one.xlsx)
    assert book.sheetnames[0] == "Accounts (HELD)"
    assert dict(sheet(one.xlsx, at=1))["Held"] == "billing is late"


def test_a_list_in_doubt_says_so_and_the_others_do_not(tmp_path) -> None:
    doubted = ListsNight(TUESDAY_NIGHT, "EUR", 60, held_lists={"new": "usage source half empty"})
    sure, in_doubt = written(tmp_path, night=doubted, rules=[segment("old"), segment("new")])
    assert load_workbook(in_doubt.xlsx).sheetnames[0] == "Accounts (HELD)"
    assert dict(sheet(in_doubt.xlsx, at=1))["Held"] == "usage source half empty"
    assert load_workbook(sure.xlsx).sheetnames[0] == "Accounts"


def test_an_empty_list_is_a_heading_and_lists_that_are_gone_are_removed(tmp_path) -> None:
    written(tmp_path, rules=[segment("old")])
    (one,) = written(tmp_path, rules=[segment("new", all={"stage": "= left"})])
    assert sorted(path.name for path in one.csv.parent.iterdir()) == ["new.csv", "new.xlsx"]
    assert one.csv.read_text().splitlines() == [",".join(LIST_COLUMNS)]


def test_amounts_know_currencies_without_cents() -> None:
    assert (amount(1250, "EUR"), amount(1250, "JPY"), amount(None, "EUR")) == (12.5, 1250.0, None)
