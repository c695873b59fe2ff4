"""Complaints and bounces: what stops a campaign, what does not, and what a person's resume forgives."""

from __future__ import annotations

from datetime import timedelta
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from stillhere.operations import reading, writing
from stillhere.operations.hand_overs import put
from stillhere.operations.ledger import LedgerKey, LedgerRow
from stillhere.operations.mail_events import MailEvent, store_events
from stillhere.operations.stops import paused, resume
from stillhere.sending.event_work import work_events
from stillhere.sending.guard import Reaction, lower_bound, reactions, stop_bad_campaigns, why_stop
from stillhere.settings import Settings
from tests.stillhere.campaigns.world import TUESDAY_NIGHT
from tests.stillhere.sending.nights import MORNING

DAY = timedelta(days=1)


@given(sent=st.integers(1, 400), share=st.floats(0, 1))
def test_the_bound_is_the_share_at_which_so_many_would_just_be_one_in_ten(sent: int, share: float) -> None:
    events = round(sent * share)
    bound = lower_bound(events, sent)
    assert 0 <= bound <= events / sent
    if events:
        exact = sum(comb(sent, n) * bound**n * (1 - bound) ** (sent - n) for n in range(events, sent + 1))
        assert exact == pytest.approx(0.1, abs=1e-6)


@pytest.mark.parametrize(
    ("sent", "complaints", "bounces", "stops"),
    [
        *((500, 3, 0, "complaint"), (5_000, 3, 0, None), (50, 2, 0, None), (100_000, 160, 0, "complaint")),
        *(
            (100, 0, 5, "bounce"),
            (300, 0, 5, None),
            (20, 0, 4, None),
            (10_000, 0, 230, "bounce"),
            (0, 3, 0, "complaint"),
        ),
    ],
)
def test_a_campaign_stops_when_the_rate_is_surely_beyond_the_limit(sent, complaints, bounces, stops) -> None:
    why = why_stop(Reaction("note", sent, complaints, bounces))
    assert (why and why[0]) == stops


def mailed(engine: Engine, count: int, at=MORNING, first: int = 0) -> None:
    def row(number: int) -> LedgerRow:
        key = LedgerKey("live", "note", f"p{number}@x.example", f"o{number}")
        name = f"m{number}"
        return LedgerRow(name, key, f"a{number}", None, TUESDAY_NIGHT, 1, "accepted", "sendgrid", "", at, at)

    with writing(engine) as connection:
        put(connection, [row(number) for number in range(first, first + count)])


def heard(engine: Engine, kind: str, *numbers: int, at=MORNING, subtype: str | None = None) -> None:
    def event(n: int) -> MailEvent:
        who = f"p{n}@x.example"
        return MailEvent(f"{kind}{n}{at}", "sg", None, f"m{n}", None, None, who, "note", kind, subtype, None, at, at)

    with writing(engine) as connection:
        store_events(connection, [event(number) for number in numbers])


def test_the_third_complaint_pauses_the_campaign_as_its_event_is_worked(settings: Settings, either: Engine) -> None:
    mailed(either, 500)
    heard(either, "spamreport", 1, 2)
    heard(either, "spamreport", 2, at=MORNING + DAY)  # the same mail again
    work_events(either, settings.company.zone, MORNING + DAY)
    assert paused(either) == []
    with reading(either) as connection:
        assert reactions(connection, MORNING + DAY) == [Reaction("note", 500, 2, 0)]
    heard(either, "spamreport", 3)
    work_events(either, settings.company.zone, MORNING + DAY)
    [one] = paused(either)
    assert (one.subject, "3 complaints on 500 mails" in one.because) == ("note", True)


def test_a_bounce_of_the_day_stops_nothing(settings: Settings, either: Engine) -> None:
    mailed(either, 50)
    heard(either, "bounce", *range(20), subtype="blocked")
    work_events(either, settings.company.zone, MORNING + DAY)
    assert paused(either) == []
    heard(either, "bounce", *range(5), at=MORNING + DAY, subtype="bounce")
    work_events(either, settings.company.zone, MORNING + DAY)
    assert [one.subject for one in paused(either)] == ["note"]


def test_after_a_resume_only_new_mails_count_and_old_ones_never(either: Engine) -> None:
    mailed(either, 100)
    heard(either, "spamreport", 1, 2, 3)
    with writing(either) as connection:
        assert len(stop_bad_campaigns(connection, MORNING + DAY)) == 1
        assert stop_bad_campaigns(connection, MORNING + DAY) == []  # stopped already
    assert resume(either, "note")
    heard(either, "spamreport", 4, 5, 6, at=MORNING + 2 * DAY)  # late complaints about the mails of before
    mailed(either, 100, at=MORNING + 3 * DAY, first=100)
    with writing(either) as connection:
        assert stop_bad_campaigns(connection, MORNING + 3 * DAY) == []
    heard(either, "spamreport", 100, 101, 102, at=MORNING + 4 * DAY)
    with writing(either) as connection:
        assert stop_bad_campaigns(connection, MORNING + 40 * DAY) == []  # too long ago to say anything
        assert len(stop_bad_campaigns(connection, MORNING + 4 * DAY)) == 1
