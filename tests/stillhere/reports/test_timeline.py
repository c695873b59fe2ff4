"""The cadence of one account drawn week by week, as text and as a picture."""

from __future__ import annotations

from datetime import date, timedelta

from stillhere.campaigns.why import Contacted
from stillhere.reports.formats import Formats
from stillhere.reports.timeline import Timeline, month_starts, timeline_of
from stillhere.reports.timeline_chart import timeline_chart
from stillhere.reports.timeline_text import timeline_lines

AS_OF = date(2026, 9, 30)
QUIET = {
    "tenure_days": 900,
    "last_active_date": AS_OF - timedelta(days=21),
    "days_silent": 21,
    "usual_gap_days": 3.0,
    "expected_next_date": AS_OF - timedelta(days=18),
}
BUSY_THEN_SILENT = "1" * 52 + "2" * 40 + "7" * 9 + "000"
SENT = (
    Contacted(AS_OF - timedelta(days=8), "note", "mail", "accepted"),
    Contacted(AS_OF - timedelta(days=1), "value", "call", "on the call list"),
    Contacted(AS_OF - timedelta(days=400), "note", "mail", "accepted"),
    Contacted(AS_OF, "value", "call came back", "done"),
)


def quiet(contacts: tuple[Contacted, ...] = ()) -> Timeline:
    return timeline_of(QUIET, BUSY_THEN_SILENT, AS_OF, contacts)


def test_the_newest_week_ends_on_the_night_and_the_year_before_lies_above_it() -> None:
    timeline = quiet()
    assert timeline.weeks[-4:] == (7, 0, 0, 0)
    assert timeline.weeks_before == (1,) * 52
    assert timeline.week_of(AS_OF) == 51
    assert timeline.week_of(timeline.first_day) == 0


def test_weeks_before_the_account_came_are_blank_and_a_week_without_activity_is_not() -> None:
    timeline = timeline_of({"tenure_days": 20}, "0" * 101 + "304", AS_OF)
    assert timeline.weeks[-4:] == (None, 3, 0, 4)
    lines = list(timeline_lines(timeline))
    assert lines[0].endswith(" ▃·▄")
    assert not any(line.startswith("year before") for line in lines)


def test_activity_of_before_the_stated_coming_is_shown_all_the_same() -> None:
    assert timeline_of({"tenure_days": 6}, "0" * 102 + "51", AS_OF).weeks[-3:] == (None, 5, 1)


def test_the_text_has_a_column_a_week_and_a_letter_a_contact() -> None:
    before, now, months, contacts, key = timeline_lines(quiet(SENT))
    assert before == "year before " + "▁" * 52
    assert now == "this year   " + "▂" * 40 + "█" * 9 + "···"
    assert len(now) == 64
    assert months.split()[:3] == ["Nov", "Dec", "Jan"]
    assert contacts == "contacts    " + " " * 50 + "mc"
    assert key.endswith("· no day, █ all seven; m mail; c call")


def test_months_are_marked_on_the_week_of_their_first_day() -> None:
    timeline = quiet()
    for week, day in month_starts(timeline):
        assert timeline.first_day + timedelta(days=7 * week) <= day <= timeline.first_day + timedelta(days=7 * week + 6)
    assert len(month_starts(timeline)) == 11  # the first week shown begins on 2 October


def test_the_picture_tells_silence_usual_gap_contacts_and_the_expected_day_without_colour() -> None:
    drawn = timeline_chart(quiet(SENT), "Weeks of Blue", Formats.of("en", "EUR"), width=900)
    assert drawn.count('class="solid"') == 49
    assert drawn.count('class="silent"') == drawn.count('class="usual"') == drawn.count('class="expected"') == 1
    assert drawn.count('class="contact"') == 2
    assert drawn.count('class="before"') == 1
    assert "21 days silent" in drawn


def test_an_account_that_is_not_silent_has_no_silence_drawn() -> None:
    active = {**QUIET, "days_silent": 0, "last_active_date": AS_OF}
    drawn = timeline_chart(timeline_of(active, "7" * 104, AS_OF), "Weeks", Formats.of("de", "EUR"))
    assert "silent" not in drawn
    assert drawn.count('class="solid"') == 52
