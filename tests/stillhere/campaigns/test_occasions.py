"""Occasions open once, keep their key, and close after enough days without their condition."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from stillhere.campaigns.occasions import OCCASIONS_SCHEMA, conditions_tonight, occasions_tonight
from stillhere.campaigns.segments import empty_members, members_tonight
from tests.stillhere.campaigns.world import TUESDAY_NIGHT, campaign, segment, wide

PAIR = {"campaign": "note", "account_id": "1"}
HOLDS = pl.DataFrame([PAIR])
HOLDS_NOT = HOLDS.clear()


def stored(last_true: date, opened: date = date(2026, 1, 1), closed: date | None = None) -> pl.DataFrame:
    row = {"occasion": "note:1:2026-01-01", **PAIR, "opened_date": opened, "last_true_date": last_true}
    return pl.DataFrame([{**row, "closed_date": closed}], schema=OCCASIONS_SCHEMA)


def ago(days: int) -> date:
    return TUESDAY_NIGHT - timedelta(days=days)


def test_an_occasion_opens_when_the_condition_first_holds() -> None:
    tonight = occasions_tonight(HOLDS, stored(ago(0)).clear(), TUESDAY_NIGHT, 14)
    assert tonight.current["occasion"].to_list() == ["note:1:2026-03-03"]
    assert tonight.opened["opened_date"].to_list() == [TUESDAY_NIGHT]


def test_an_open_occasion_keeps_its_key_and_is_kept_alive() -> None:
    tonight = occasions_tonight(HOLDS, stored(ago(14)), TUESDAY_NIGHT, 14)
    assert tonight.current["occasion"].to_list() == ["note:1:2026-01-01"]
    assert (tonight.kept, tonight.closed, tonight.opened.height) == (("note:1:2026-01-01",), (), 0)


def test_an_occasion_closes_after_more_than_fourteen_days_without_its_condition() -> None:
    assert occasions_tonight(HOLDS_NOT, stored(ago(14)), TUESDAY_NIGHT, 14).closed == ()
    assert occasions_tonight(HOLDS_NOT, stored(ago(15)), TUESDAY_NIGHT, 14).closed == ("note:1:2026-01-01",)


def test_a_condition_that_returns_after_its_occasion_closed_is_a_new_one() -> None:
    tonight = occasions_tonight(HOLDS, stored(ago(20), closed=ago(5)), TUESDAY_NIGHT, 14)
    assert tonight.current["occasion"].to_list() == ["note:1:2026-03-03"]


def test_nights_that_were_never_run_close_nothing() -> None:
    tonight = occasions_tonight(HOLDS, stored(ago(40)), TUESDAY_NIGHT, 14)
    assert (tonight.kept, tonight.closed) == (("note:1:2026-01-01",), ())


def test_an_older_night_does_not_lean_on_a_newer_occasion() -> None:
    tonight = occasions_tonight(HOLDS, stored(ago(-9), opened=ago(-5)), TUESDAY_NIGHT, 14)
    assert tonight.current["occasion"].to_list() == ["note:1:2026-03-03"]
    closed_later = occasions_tonight(HOLDS, stored(ago(1), closed=ago(-20)), TUESDAY_NIGHT, 14)
    assert closed_later.current["occasion"].to_list() == ["note:1:2026-01-01"]


def test_a_staying_member_is_no_reason_to_write() -> None:
    quiet = segment("slipping", stay_days=9, all={"signs": "has quiet"})
    before = members_tonight(
        wide([{"account_id": "1"}], risk=[{"account_id": "1", "codes": ["quiet"]}]), [quiet], empty_members(), ago(1)
    )
    tonight = members_tonight(wide([{"account_id": "1"}]), [quiet], before, TUESDAY_NIGHT)
    note = campaign("note", segment="slipping")
    assert conditions_tonight(before, [note], ago(1)).height == 1
    assert tonight["status"].to_list() == ["staying"]
    assert conditions_tonight(tonight, [note], TUESDAY_NIGHT).height == 0
