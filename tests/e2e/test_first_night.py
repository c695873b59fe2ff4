"""A newcomer's first night, on the demo company and on the real shop."""

from __future__ import annotations

import csv
from email import message_from_bytes, policy

import openpyxl

from tests.e2e.household import Household


def test_the_first_night_ends_with_one_screen_of_what_ran_who_slips_and_where_it_lies(lived_night: Household) -> None:
    screen = lived_night.screen
    for heading in (
        "What ran",
        "Accounts",
        "Who is slipping",
        "What would be sent",
        "Held back",
        "Where it lies",
        "Next",
    ):
        assert heading in screen
    assert "stillhere why " in screen
    assert "preview: nothing left" in screen


def test_the_first_night_leaves_a_report_lists_calls_and_previews(lived_night: Household) -> None:
    out = lived_night.out
    page = (out / "report.html").read_text()
    assert "<svg" in page
    assert "http://" not in page.replace("http://www.w3.org/2000/svg", "")
    lists = {file.stem for file in (out / "lists").glob("*.csv")}
    assert {"slipping", "at_risk_high_value", "payment_failing", "win_back"} <= lists
    assert {file.stem for file in (out / "lists").glob("*.xlsx")} == lists
    assert len(list((out / "mail").glob("*.eml"))) > 0
    calls = openpyxl.load_workbook(out / "calls.xlsx", read_only=True)
    assert calls.sheetnames


def test_prefect_shows_the_night_under_its_day_with_artifacts_under_fixed_keys(lived_night: Household) -> None:
    shown = lived_night.prefect
    assert (shown["run"], shown["state"]) == (f"demo {lived_night.out.name}", "Completed")
    artifacts = shown["artifacts"]
    assert set(artifacts) == {"night-summary", "night-holds"}
    assert "| transform |" in artifacts["night-summary"]
    assert "@" not in "".join(artifacts.values())


def test_a_preview_reaches_nobody_and_counts_for_nothing(lived_night: Household) -> None:
    assert lived_night.rows("select count(*) from ledger where mode = 'live'") == [(0,)]
    assert lived_night.rows("select count(*) from contacts_made") == [(0,)]
    assert lived_night.rows("select count(*) from assignments") == [(0,)]


def test_every_mail_has_words_a_way_to_stop_and_a_postal_address(live_night: Household) -> None:
    mails = sorted((live_night.out / "mail").glob("*.eml"))
    assert mails
    for file in mails:
        mail = message_from_bytes(file.read_bytes(), policy=policy.default)
        text = mail.get_body(("plain",)).get_content()
        html = mail.get_body(("html",)).get_content()
        assert mail["List-Unsubscribe"]
        for part in (text, html):
            assert "Beispielstrasse 1" in part
            assert "{" not in part.replace("{{", "") or "style" in part
        assert "None" not in text
        assert "nan" not in text.lower().split()


def test_nobody_who_stopped_or_never_agreed_gets_a_marketing_mail(live_night: Household) -> None:
    import polars as pl

    decisions = pl.read_parquet(live_night.state / "published" / "decisions.parquet")
    assert decisions.filter(pl.col("outcome") == "send").height > 0
    refused = set(decisions.filter(pl.col("outcome") == "lost")["reason_code"])
    assert {"no_consent"} & refused or {"consent"} & refused, refused


def test_the_lists_hold_the_members_of_their_segment(lived_night: Household) -> None:
    import polars as pl

    members = pl.read_parquet(lived_night.state / "published" / "segment_members.parquet")
    for segment, expected in members.group_by("segment_id").len().iter_rows():
        with (lived_night.out / "lists" / f"{segment}.csv").open(encoding="utf-8-sig") as lines:
            rows = [row for row in csv.reader(lines) if row]
        ids = set(members.filter(pl.col("segment_id") == segment)["account_id"])
        listed = [row for row in rows if ids & set(row)]
        assert len(listed) == expected, segment


def test_status_why_nights_and_holds_tell_of_the_night(lived_night: Household) -> None:
    slipping = lived_night.screen.split("stillhere why ")[1].split()[0]
    assert slipping in lived_night.run("why", slipping).stdout
    status = lived_night.facts("status", expect=None)
    assert status
    nights = lived_night.facts("nights")["nights"]
    assert len(nights) == 1
    assert lived_night.run("holds").returncode == 0


def test_the_real_shop_runs_the_same_night(shop: Household) -> None:
    screen = shop.run("nightly").stdout
    assert "slipping" in screen
    assert "ordered every" in screen
    assert (shop.out / "report.html").exists()
    assert (shop.out / "calls.csv").exists()
