"""Membership of lists from night to night."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from stillhere.campaigns.segments import changed_versions, empty_members, members_tonight, version_of, versions_tonight
from stillhere.settings import load_settings
from tests.stillhere.campaigns.world import TUESDAY_NIGHT, segment, wide

QUIET = segment("slipping", stay_days=3, all={"signs": "has quiet"})


def night(day: date, quiet: bool, previous=None, rule=QUIET, **changes):
    """Members of one night for one account that is quiet or not."""
    codes = ["quiet"] if quiet else []
    rows = wide([{"account_id": "1"}], risk=[{"account_id": "1", "codes": codes, "churn_probability": 0.2}])
    return members_tonight(rows, [rule], empty_members() if previous is None else previous, day, **changes)


def lived(*quiet: bool):
    """(status, days in, new tonight) of consecutive nights; None where the account is not on the list."""
    previous, seen = empty_members(), []
    for number, is_quiet in enumerate(quiet):
        previous = night(TUESDAY_NIGHT + timedelta(days=number), is_quiet, previous)
        seen.append(previous.select("status", "days_in", "new_tonight").row(0) if previous.height else None)
    return seen


def test_a_member_stays_for_stay_days_after_its_rule_last_held() -> None:
    assert lived(True, False, False, False, False) == [
        ("in", 0, True),
        ("staying", 1, False),
        ("staying", 2, False),
        ("staying", 3, False),
        None,
    ]


def test_a_flapping_account_keeps_its_place_and_its_first_day() -> None:
    assert lived(True, False, True, False, False, True)[-1] == ("in", 5, False)


def test_a_member_that_comes_back_after_leaving_is_new_again() -> None:
    assert lived(True, False, False, False, False, True)[-1] == ("in", 0, True)


def test_skipped_nights_count_as_days() -> None:
    first = night(TUESDAY_NIGHT, quiet=True)
    assert night(TUESDAY_NIGHT + timedelta(days=3), False, first)["status"].to_list() == ["staying"]
    assert night(TUESDAY_NIGHT + timedelta(days=4), False, first).is_empty()


def test_a_held_night_marks_every_member_and_forgets_nothing() -> None:
    held = night(TUESDAY_NIGHT, quiet=True, held=True)
    assert held["status"].to_list() == ["held"]
    after = night(TUESDAY_NIGHT + timedelta(days=1), False, held)
    assert after.select("status", "days_in").row(0) == ("staying", 1)


def test_a_changed_rule_is_a_new_version_and_takes_effect_at_once() -> None:
    stricter = segment("slipping", stay_days=3, all={"signs": "has quiet", "value_minor": ">= 999999999"})
    first = night(TUESDAY_NIGHT, quiet=True)
    assert version_of(stricter) != version_of(QUIET)
    assert night(TUESDAY_NIGHT + timedelta(days=1), True, first, stricter).is_empty()


def test_the_list_says_which_version_it_had() -> None:
    wider = segment("slipping", stay_days=3, all={"stage": "= active"})
    first = night(TUESDAY_NIGHT, quiet=True)
    second = night(TUESDAY_NIGHT + timedelta(days=1), True, first, wider)
    assert changed_versions(versions_tonight([wider], second), first) == {"slipping": version_of(QUIET)}
    assert second.select("since", "new_tonight").row(0) == (TUESDAY_NIGHT, False)


def test_a_new_title_is_no_new_version() -> None:
    assert version_of(segment(title="Another", description="Other words.")) == version_of(segment())


def test_internal_accounts_are_on_no_list() -> None:
    rows = wide([{"account_id": "1", "is_internal": True}, {"account_id": "2"}])
    members = members_tonight(rows, [segment()], empty_members(), TUESDAY_NIGHT)
    assert members["account_id"].to_list() == ["2"]


def test_an_empty_company_has_empty_lists() -> None:
    assert members_tonight(wide([]), [QUIET], empty_members(), TUESDAY_NIGHT).columns == empty_members().columns


DEMO = load_settings(Path(__file__).parents[3] / "config", {}).segments.segments


def lists_of(**account) -> set[str]:
    """The demo company's lists that an account is on."""
    rows = wide([{"account_id": "1", **{key: one for key, one in account.items() if key != "days_since_left"}}])
    rows = rows.with_columns(days_since_left=pl.lit(account.get("days_since_left"), dtype=pl.Int64))
    return set(members_tonight(rows, DEMO, empty_members(), TUESDAY_NIGHT)["segment_id"]) - {"win_back"}


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (59, set()),
        (60, {"left_60_days"}),
        (74, {"left_60_days"}),
        (75, set()),
        (180, {"left_180_days"}),
        (194, {"left_180_days"}),
        (195, set()),
        (900, set()),
    ],
)
def test_who_left_is_asked_after_two_months_and_after_half_a_year_and_never_again(days, expected) -> None:
    assert lists_of(stage="left", days_since_left=days) == expected


def test_who_has_come_back_is_off_the_lists_of_those_who_left_the_same_night() -> None:
    left = wide([{"account_id": "1", "stage": "left"}]).with_columns(days_since_left=pl.lit(62))
    before = members_tonight(left, DEMO, empty_members(), TUESDAY_NIGHT)
    assert "left_60_days" in set(before["segment_id"])
    back = wide([{"account_id": "1", "stage": "onboarding"}])
    after = members_tonight(back, DEMO, before, TUESDAY_NIGHT + timedelta(days=1))
    assert not {"left_60_days", "left_180_days", "win_back"} & set(after["segment_id"])
