"""When a contact may be turned to: hours, weekdays, quiet hours and holidays by the contact's own clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillhere.campaigns.window import Place, hand_over_at, next_window, open_window, place_of
from tests.stillhere.campaigns.world import TUESDAY_NIGHT, campaign, company, limits

BERLIN = company(timezone="Europe/Berlin")
WEEKDAYS = {"days": ("mon", "tue", "wed", "thu", "fri")}


def window(where: Place, night: date = TUESDAY_NIGHT, of=BERLIN, **when):
    return open_window(campaign("note", when={**WEEKDAYS, "on_holidays": False, **when}), of, where, night)


def test_a_mail_arrives_when_the_day_begins_where_the_contact_is() -> None:
    assert window(Place("Europe/Berlin", "DE")).opens_at == datetime(2026, 3, 4, 7, tzinfo=UTC)
    assert window(Place("America/Los_Angeles", "US")).opens_at == datetime(2026, 3, 4, 16, tzinfo=UTC)


def test_where_the_day_is_under_way_already_the_first_open_moment_is_the_hand_over() -> None:
    assert window(Place("Asia/Tokyo", "JP")).opens_at == hand_over_at(TUESDAY_NIGHT, BERLIN)


def test_a_friday_in_berlin_is_a_saturday_in_auckland_and_the_contacts_calendar_counts() -> None:
    thursday_night = date(2026, 3, 5)
    evening_hours = {"hours": "06:00-09:00"}
    closed = window(
        Place("Pacific/Auckland", "NZ"),
        thursday_night,
        of=company(limits=limits(quiet_hours="22:00-05:00")),
        **evening_hours,
    )
    assert closed.opens_at is None
    assert "Saturday 7 March 2026 is no send day" in closed.words


def test_the_company_may_count_by_its_own_clock() -> None:
    assert window(Place("Asia/Tokyo", "JP"), zone="company").opens_at == datetime(2026, 3, 4, 7, tzinfo=UTC)


@pytest.mark.parametrize(("country", "open_there"), [("DE", False), ("US", True), (None, True), ("XX", True)])
def test_nothing_arrives_on_a_public_holiday_of_the_contacts_country(country, open_there) -> None:
    night_before_german_unity_day = date(2025, 10, 2)
    found = window(Place("Europe/Berlin", country), night_before_german_unity_day)
    assert (found.opens_at is not None) == open_there
    if not open_there:
        assert "3 October 2025 is a public holiday in DE" in found.words


def test_a_campaign_may_say_that_holidays_do_not_matter_and_a_company_has_days_of_its_own() -> None:
    night = date(2025, 10, 2)
    assert window(Place("Europe/Berlin", "DE"), night, on_holidays=True).opens_at is not None
    own = company(timezone="Europe/Berlin", limits=limits(no_send_days=(date(2025, 10, 3),)))
    closed = window(Place("Europe/Berlin", "DE"), night, of=own, on_holidays=True)
    assert "day of our own without mails" in closed.words


def test_quiet_hours_cut_a_campaigns_hours_and_may_leave_none() -> None:
    early = company(timezone="Europe/Berlin", limits=limits(quiet_hours="20:00-10:00"))
    assert window(Place("Europe/Berlin", "DE"), of=early).opens_at == datetime(2026, 3, 4, 9, tzinfo=UTC)
    nothing = window(Place("Europe/Berlin", "DE"), of=early, hours="07:00-09:30")
    assert nothing.opens_at is None
    assert "no hour of 07:00-09:30 is left" in nothing.words


def test_the_next_window_is_after_the_weekend() -> None:
    friday_night = date(2026, 3, 6)
    note = campaign("note", when={**WEEKDAYS})
    assert open_window(note, BERLIN, Place("Europe/Berlin", "DE"), friday_night).opens_at is None
    found = next_window(note, BERLIN, Place("Europe/Berlin", "DE"), friday_night)
    assert found is not None
    assert found.opens_at == datetime(2026, 3, 9, 7, tzinfo=UTC)


def test_a_place_falls_back_from_contact_to_account_to_company() -> None:
    home = company(timezone="Europe/Berlin", limits=limits(holidays_of="DE"))
    assert place_of("Europe/Vienna", "de-AT", "DE", home) == Place("Europe/Vienna", "AT")
    assert place_of("Mars/Base", "de", "FR", home) == Place("Europe/Berlin", "FR")
    assert place_of(None, None, None, home) == Place("Europe/Berlin", "DE")


zones = st.sampled_from(
    ["Europe/Berlin", "Asia/Tokyo", "America/Los_Angeles", "Pacific/Auckland", "Asia/Kolkata", "UTC"]
)


@given(zones, zones, st.dates(date(2024, 1, 1), date(2027, 12, 31)), st.integers(0, 23), st.integers(1, 23))
def test_an_open_window_is_within_its_hours_its_days_and_its_night(here, there, night, start, length) -> None:
    """Whatever the clocks do: DST in either zone, hours over midnight, a contact on the other side of the world."""
    until = (start + length) % 24
    hours = f"{start:02d}:00-{until:02d}:00" if until else f"{start:02d}:00-24:00"
    of = company(timezone=here, limits=limits(quiet_hours="22:00-06:00"))
    found = open_window(campaign("note", when={**WEEKDAYS, "hours": hours}), of, Place(there, None), night)
    if found.opens_at is None or found.closes_at is None:
        assert found.words
        return
    begin = hand_over_at(night, of)
    assert begin <= found.opens_at < begin + timedelta(days=1)
    assert found.opens_at < found.closes_at
    local = found.opens_at.astimezone(ZoneInfo(there))
    # A clock change moves what falls into its gap by an hour.
    assert local.weekday() < 5
    assert 5 <= local.hour < 22 or local.hour == 22


@given(zones, st.dates(date(2024, 1, 1), date(2027, 12, 20)))
def test_no_stretch_belongs_to_two_nights(there, night) -> None:
    note = campaign("note")
    tonight = open_window(note, BERLIN, Place(there, None), night)
    tomorrow = open_window(note, BERLIN, Place(there, None), night + timedelta(days=1))
    assert tonight.opens_at is not None
    assert tomorrow.opens_at is not None
    assert tonight.opens_at < tomorrow.opens_at
