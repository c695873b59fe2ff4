"""Readers find the right night and the right account, or say what there is."""

from __future__ import annotations

from datetime import date

import pytest

from stillhere.campaigns.published import (
    AccountNotFoundError,
    NightNotFoundError,
    find_account,
    find_night,
    newest_night_before,
)
from stillhere.campaigns.segments import empty_members
from stillhere.settings import Places
from tests.stillhere.campaigns.world import accounts

NAMES = accounts(
    {"account_id": "a1", "account_name": "Blue Harbour"},
    {"account_id": "a2", "account_name": "Blue Harbour Labs (test)"},
    {"account_id": "a3", "account_name": "Red Mill"},
)


@pytest.fixture
def places(tmp_path):
    made = Places(root=tmp_path)
    for day, revision in (("2026-03-01", 1), ("2026-03-02", 1), ("2026-03-02", 2), ("2026-03-03", 1)):
        folder = made.night_folder(date.fromisoformat(day), revision)
        folder.mkdir(parents=True)
        empty_members().write_parquet(folder / "segment_members.parquet")
    made.published.symlink_to(made.night_folder(date(2026, 3, 3), 1))
    return made


def test_the_published_night_is_the_default(places) -> None:
    assert find_night(places).as_of == date(2026, 3, 3)


def test_the_newest_revision_of_a_day_is_taken(places) -> None:
    assert find_night(places, date(2026, 3, 2)).revision == 2
    assert newest_night_before(places, date(2026, 3, 3)).revision == 2


def test_the_night_before_is_never_the_same_or_a_later_one(places) -> None:
    assert newest_night_before(places, date(2026, 3, 1)) is None


def test_an_unfinished_night_is_not_rested_on(places) -> None:
    places.night_folder(date(2026, 3, 2), 3).mkdir()
    assert newest_night_before(places, date(2026, 3, 3)).revision == 2
    with pytest.raises(NightNotFoundError, match="not finished"):
        find_night(places, date(2026, 3, 2)).mart("decisions")


def test_a_day_without_a_night_names_those_there_are(places) -> None:
    with pytest.raises(NightNotFoundError, match="2026-03-02, 2026-03-03"):
        find_night(places, date(2025, 1, 1))


def test_before_the_first_night_it_says_what_to_run(tmp_path) -> None:
    with pytest.raises(NightNotFoundError, match="stillhere nightly"):
        find_night(Places(root=tmp_path))


@pytest.mark.parametrize(
    ("wanted", "found"),
    [("a3", "a3"), ("red", "a3"), ("blue harbour", "a1"), ("labs (", "a2"), ("BLUE HARBOUR L", "a2")],
)
def test_an_account_is_found_by_id_whole_name_or_part_of_it(wanted, found) -> None:
    assert find_account(NAMES, wanted) == found


def test_several_matches_are_listed_and_none_is_told() -> None:
    with pytest.raises(AccountNotFoundError, match=r"a1 \(Blue Harbour\), a2"):
        find_account(NAMES, "blue")
    with pytest.raises(AccountNotFoundError, match="no account has"):
        find_account(NAMES, "purple")
