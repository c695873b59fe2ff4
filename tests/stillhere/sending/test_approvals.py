"""Approvals: a campaign that nobody has said yes to stays, the rest goes on; so does each of the first live nights."""

from __future__ import annotations

import json
from datetime import date, timedelta

import polars as pl
import pytest
from sqlalchemy import Engine

from stillhere.campaigns.approving import ApprovalError, approve
from stillhere.campaigns.content import content_hashes
from stillhere.operations.approvals import approvals_of
from stillhere.operations.holds import holds_of
from stillhere.operations.ledger import rows_of
from stillhere.operations.tables import assignments, contacts_made
from stillhere.sending.releases import ReleaseError, release
from stillhere.settings import Settings
from tests.stillhere.campaigns.world import TUESDAY_NIGHT
from tests.stillhere.sending.nights import MORNING, company, mails, seal_night, send, set_campaign
from tests.stillhere.sending.test_live_night import rows_in

DAY = timedelta(days=1)
TODAY = TUESDAY_NIGHT + DAY
BOTH = ("quiet", "payment_failing")


def yes(settings: Settings, engine: Engine, *names: str, until: date | None = None) -> list[str]:
    return [one.approval.campaign for one in approve(settings, engine, names, "Anna", MORNING, TODAY, until)]


def test_a_campaign_without_approval_stays_and_the_rest_goes_on(settings: Settings, either: Engine) -> None:
    seal_night(settings, either, many=3, approved=False)
    assert send(settings, either, live=False).previewed == 3
    result = send(settings, either)
    assert (result.handed_over, result.whole_send_held) == (0, False)
    [(words, count)] = result.held.items()
    assert count == 3
    assert "nobody has approved it" in words
    assert [rows_in(either, table) for table in (assignments, contacts_made)] == [[], []]

    seal_night(settings, either, TUESDAY_NIGHT + DAY, codes=BOTH, approved=False)
    yes(settings, either, "payment")
    later = send(settings, either, TUESDAY_NIGHT + DAY, wall_now=MORNING + DAY)
    assert later.handed_over == 3
    assert {row.key.campaign for row in rows_of(either, TUESDAY_NIGHT + DAY, "live")} == {"payment"}


def test_an_approval_in_the_morning_lets_go_what_the_night_kept_back_once(settings: Settings, either: Engine) -> None:
    seal_night(settings, either, approved=False)
    send(settings, either)
    yes(settings, either, "slipping")
    assert send(settings, either).handed_over == 3
    assert send(settings, either).handed_over == 0
    [hold] = holds_of(either, TUESDAY_NIGHT, 1)
    assert (hold.rule, hold.released_because) == ("not_approved", "approved since")


@pytest.mark.parametrize(
    "change", ["words", "other language", "file", "list", "layout"], ids=lambda what: what.replace(" ", "_")
)
def test_a_change_of_what_it_says_or_whom_it_reaches_needs_another_yes(
    change: str, settings: Settings, engine: Engine
) -> None:
    yes(settings, engine, "slipping", "payment")
    files = settings.folder
    texts = files / "campaigns" / "slipping"
    match change:
        case "words":
            (texts / "en.md").write_text((texts / "en.md").read_text() + "\nA new sentence.\n")
        case "other language":
            (texts / "de.md").write_text((texts / "en.md").read_text())
        case "file":
            set_campaign(files, "slipping", priority=7)
        case "list":
            rules = files / "segments.yml"
            rules.write_text(rules.read_text().replace("has quiet", "has quiet, fading"))
        case "layout":
            (files / "templates").mkdir()
            (files / "templates" / "layout.mjml").write_text("<mjml><mj-body></mj-body></mjml>")
    changed = company(files.parent)
    seal_night(changed, engine, approved=False, codes=("quiet",))
    result = send(changed, engine)
    assert (result.handed_over, "its content has changed since it was approved" in next(iter(result.held))) == (0, True)


def test_a_comment_a_switch_and_line_endings_are_no_change(settings: Settings) -> None:
    before = content_hashes(settings)
    file = settings.folder / "campaigns" / "slipping.yml"
    file.write_text(f"# by Anna\n{file.read_text()}\nenabled: true\n")
    words = settings.folder / "campaigns" / "slipping" / "en.md"
    words.write_bytes(words.read_bytes().replace(b"\n", b"\r\n"))
    assert content_hashes(company(settings.folder.parent)) == before


def test_words_changed_after_the_night_was_decided_are_not_what_leaves_with_an_approval(
    settings: Settings, engine: Engine
) -> None:
    seal_night(settings, engine, approved=False)
    words = settings.folder / "campaigns" / "slipping" / "en.md"
    words.write_text(words.read_text() + "\nBetter words.\n")
    yes(company(settings.folder.parent), engine, "slipping")
    assert send(settings, engine).handed_over == 0


def test_a_hold_for_approval_can_not_be_released(settings: Settings, engine: Engine) -> None:
    seal_night(settings, engine, approved=False)
    send(settings, engine)
    [hold] = holds_of(engine, TUESDAY_NIGHT, 1)
    with pytest.raises(ReleaseError, match="campaigns approve slipping"):
        release(engine, hold.hold_id, "in a hurry", MORNING)


def test_both_arms_wait_for_the_approval(settings: Settings, engine: Engine) -> None:
    set_campaign(settings.folder, "slipping", holdout_share=0.5)
    halved = company(settings.folder.parent)
    seal_night(halved, engine, many=20, approved=False)
    send(halved, engine)
    assert rows_in(engine, assignments) == []
    yes(halved, engine, "slipping")
    send(halved, engine)
    drawn = rows_in(engine, assignments)
    assert {row.arm for row in drawn} == {"treated", "holdout"}
    assert {row.day_zero for row in drawn} == {TUESDAY_NIGHT}


def test_the_day_of_the_result_is_fixed_with_the_yes(settings: Settings, engine: Engine) -> None:
    yes(settings, engine, "slipping", until=date(2026, 9, 30))
    assert yes(settings, engine, "slipping") == []
    assert yes(settings, engine, "slipping", until=date(2026, 10, 31)) == []
    [approval] = approvals_of(engine, "slipping")
    assert approval.horizon_ends == date(2026, 9, 30)
    assert "we noticed something" in approval.content["words"]["en"]


@pytest.mark.parametrize(
    ("names", "by", "until", "said"),
    [
        (["nothing"], "Anna", None, "no campaign 'nothing'"),
        (["slipping"], " ", None, "say who approves"),
        (["slipping"], "Anna", TODAY, "is not after today"),
    ],
)
def test_an_approval_that_can_not_be_given_says_why(names, by, until, said, settings, engine) -> None:
    with pytest.raises(ApprovalError, match=said):
        approve(settings, engine, names, by, MORNING, TODAY, until)
    assert approvals_of(engine) == []


def first_nights_company(folder, nights: int, mails_first: int = 2) -> Settings:
    limits = {"universal_holdout_share": 0.0, "first_nights": nights, "first_night_mails": mails_first}
    files = company(folder / "first", campaigns=limits).folder
    set_campaign(
        files, "slipping", when={"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "on_holidays": True}
    )
    return company(folder / "first", campaigns=limits)


def test_each_of_the_first_live_nights_waits_for_a_yes_and_the_ramp_doubles(tmp_path, either: Engine) -> None:
    settings = first_nights_company(tmp_path, nights=2)
    left = []
    for ahead in range(4):
        night, morning = TUESDAY_NIGHT + ahead * DAY, MORNING + ahead * DAY
        seal_night(settings, either, night, many=20)
        held = send(settings, either, night, wall_now=morning)
        if ahead == 1:
            assert held.whole_send_held
            continue  # nobody said yes: the next night is the second one all the same
        waiting = [one for one in holds_of(either, night, 1) if one.rule == "first_nights"]
        if waiting:
            assert held.whole_send_held
            release(either, waiting[0].hold_id, "looked at", morning)
            left.append(send(settings, either, night, wall_now=morning).handed_over)
        else:
            left.append(held.handed_over)
    assert left == [2, 4, 14]  # the third live night is free: it takes all that wait


def test_a_preview_of_a_first_night_shows_what_would_leave_and_waits_for_nobody(tmp_path, engine: Engine) -> None:
    settings = first_nights_company(tmp_path, nights=14)
    decisions = seal_night(settings, engine, many=5, approved=False)
    assert send(settings, engine, live=False).previewed == 2
    assert len(mails(settings)) == 2
    waiting = decisions.filter(pl.col("reason_code") == "ramp")
    assert set(waiting["outcome"]) == {"lost"}
    assert waiting["arm"].null_count() == waiting.height == 3
    assert json.dumps(holds_of(engine, TUESDAY_NIGHT, 1), default=str) == "[]"
