"""The story of an account says what the night knew, why each campaign did or did not happen, and what is next."""

from __future__ import annotations

import json
from datetime import date, timedelta

import polars as pl
import pytest

from stillhere.campaigns.arbiter import decide
from stillhere.campaigns.next_steps import next_step
from stillhere.campaigns.why import Contacted, Past, tell_why
from stillhere.commands.why import lines_of
from stillhere.reports.account_page import write_account_page
from tests.stillhere.campaigns.nights import quiet_night
from tests.stillhere.campaigns.world import (
    TUESDAY_NIGHT,
    accounts,
    campaign,
    candidates,
    company,
    facts,
    rules,
    tiny_settings,
)

SENT = Past((Contacted(TUESDAY_NIGHT - timedelta(days=3), "note", "mail", "accepted"),), {"note": "treated"})


@pytest.fixture
def settings(tmp_path):
    return tiny_settings(tmp_path)


@pytest.fixture
def night(settings):
    return quiet_night(settings, SENT.contacts[0].on)


def test_the_story_tells_habit_change_risk_campaigns_past_and_next(settings, night) -> None:
    text = "\n".join(lines_of(tell_why(settings, night, "blue", lambda _: SENT), "EUR"))
    text = " ".join(text.split())
    assert "used Tiny every 6 days, last on 31 January 2026, silent for 31 days" in text
    assert "1. quiet" in text
    assert "23% chance of leaving within 60 days, rank 1 of 1, among the riskiest; €2,760.00 a year at stake" in text
    assert "Slipping, new tonight" in text
    assert "no, not on the list 'Payment', which wants signs: payment failing (here silent longer than usual)" in text
    assert "the account has had 1 of 1 mails and calls allowed in 7 days" in text
    assert "next: looked at again from the night of 7 March 2026" in text
    assert "2026-02-28 note: mail, accepted" in text


def test_the_story_draws_the_weeks_where_the_night_has_them(settings, night) -> None:
    plain = "\n".join(lines_of(tell_why(settings, night, "1", lambda _: SENT), "EUR"))
    assert "this year" not in plain
    weeks = pl.DataFrame({"account_id": ["1"], "active_days_by_week": ["0" * 90 + "3" * 10 + "0000"]})
    weeks.write_parquet(night.folder / "account_weeks.parquet")
    drawn = "\n".join(lines_of(tell_why(settings, night, "1", lambda _: SENT), "EUR"))
    assert "▃▃▃▃▃▃▃▃▃▃····" in drawn
    assert drawn.count("m mail") == 1


def test_the_page_of_an_account_holds_its_picture_and_its_story(settings, night, tmp_path) -> None:
    weeks = pl.DataFrame({"account_id": ["1"], "active_days_by_week": ["0" * 90 + "3" * 10 + "0000"]})
    weeks.write_parquet(night.folder / "account_weeks.parquet")
    told = tell_why(settings, night, "1", lambda _: SENT)
    page = write_account_page(told, ["Who  <active>"], settings.company, tmp_path / "blue.html").read_text()
    assert 'class="silent"' in page
    assert "Who  &lt;active&gt;" in page
    assert "http" not in page.replace("http-equiv", "").replace("http://www.w3.org", "")


def test_the_story_is_one_json_object(settings, night) -> None:
    told = json.loads(tell_why(settings, night, "1", lambda _: Past()).as_json())
    assert told["account_id"] == "1"
    assert [one["reason_code"] for one in told["campaigns"]] == ["no_candidate", "cap_account"]
    assert told["facts"]["churn_probability"] == 0.23


def lost(code: str, **row):
    decision = {"outcome": "lost", "reason_code": code}
    note = campaign("note", days=("mon", "fri"))
    return next_step(decision, note, row, company(), [TUESDAY_NIGHT - timedelta(days=3)], TUESDAY_NIGHT)


def test_next_steps_name_the_first_night_on_which_the_reason_is_gone() -> None:
    assert lost("recently_talked", last_talked_date=date(2026, 3, 1)).endswith("15 March 2026")
    assert lost("too_fresh", tenure_days=10).endswith("7 March 2026")
    assert lost("outside_window") == "next open hour: 6 March 2026"
    assert lost("cap_person").endswith("7 March 2026")


@pytest.mark.parametrize(
    ("became", "says"),
    [
        (None, "goes out with"),
        ("reserved", "goes out with"),
        ("accepted", "it has left"),
        ("unknown", "nobody knows yet"),
        ("dropped", "it did not leave"),
    ],
)
@pytest.mark.parametrize("outcome", ["send", "held"])
def test_the_next_step_of_tonights_mail_follows_from_what_became_of_it(became, says, outcome) -> None:
    step = next_step({"outcome": outcome}, campaign("note"), {}, company(), [], TUESDAY_NIGHT, became)
    waits = outcome == "held" and says == "goes out with"
    assert step.startswith("waits for its hold" if waits else says)


def test_a_mail_that_has_left_no_longer_waits_for_a_yes(settings, night) -> None:
    file = night.folder / "decisions.parquet"
    pl.read_parquet(file).with_columns(outcome=pl.lit("send")).write_parquet(file)

    def step(*contacts: Contacted) -> str:
        told = tell_why(settings, night, "1", lambda _: Past(contacts, waits={"*": "needs a person's yes"}))
        return next(one.next for one in told.campaigns if one.campaign == "slipping")

    assert step() == "waits: needs a person's yes"
    assert step(Contacted(TUESDAY_NIGHT, "slipping", "mail", "accepted")).startswith("it has left")


def test_a_message_that_is_held_waits_for_its_own_reason_and_others_are_not_told_of(settings, night) -> None:
    file = night.folder / "decisions.parquet"
    pl.read_parquet(file).with_columns(outcome=pl.lit("send"), message_id=pl.lit("m1")).write_parquet(file)
    waits = {"m1": "its offer is over", "m2": "a link is not https", "slipping": "needs a person's yes"}
    told = tell_why(settings, night, "1", lambda _: Past(waits=waits))
    assert next(one.next for one in told.campaigns if one.campaign == "slipping") == "waits: its offer is over"
    assert "m2" not in told.as_json()


def test_the_night_that_why_names_is_the_night_the_arbiter_agrees_to() -> None:
    """For every day on which a contact may have been made, the named night is the first that is not refused."""
    given = candidates({"campaign": "note", "account_id": "1"})
    for ago in range(1, 7):
        contact = {"campaign": "x", "account_id": "1", "as_of": TUESDAY_NIGHT - timedelta(days=ago)}
        known = facts(accounts({"account_id": "1"}), history=[contact])
        step = next_step(
            {"outcome": "lost", "reason_code": "cap_account"},
            campaign("note"),
            {},
            company(),
            [contact["as_of"]],
            TUESDAY_NIGHT,
        )
        free = next(
            night
            for night in (TUESDAY_NIGHT + timedelta(days=ahead) for ahead in range(1, 40))
            if decide(given, known, rules(campaign("note")), night)["outcome"][0] == "send"
        )
        assert step.endswith(f"{free.day} March 2026")
