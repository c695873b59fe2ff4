"""Why they left, in the report: by month, by segment, quoted only with consent, and who still shows the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import polars as pl
import pytest

from stillhere.operations.exit_answers import ExitAnswer, Quote, store_answer
from stillhere.operations.exits import ImportedExit, store_exits
from stillhere.operations.open import open_operations, writing
from stillhere.operations.runs import naive_utc
from stillhere.reports.exits import why_they_left
from stillhere.reports.facts import NightFacts, read_night
from stillhere.reports.formats import Formats
from stillhere.reports.marts import COLUMNS
from stillhere.reports.report import report_html
from tests.stillhere.reports.night_world import AS_OF, NOW, facts_of, settings_of

FORMATS = Formats.of("en", "EUR")
PRICE = "It costs more than it is worth to us"


@pytest.fixture
def facts(tmp_path) -> NightFacts:
    return facts_of(tmp_path)


def told(facts: NightFacts, *rows, **marts) -> NightFacts:
    """The night with these exits: account, day, reason, and kind where given."""
    exits = [
        {"account_id": account, "requested_date": day, "month": day.replace(day=1), "reason": reason, "kind": kind}
        for account, day, reason, kind in ((*row, None)[:4] for row in rows)
    ]
    frame = pl.DataFrame([{"outcome": "left", **row} for row in exits], schema=COLUMNS["exits"])
    return replace(facts, marts={**facts.marts, "exits": frame, **marts})


def section(facts: NightFacts) -> str:
    html = report_html(facts)
    return html[html.index('<section id="exits">') : html.index('<section id="results">')]


def test_without_an_answer_the_section_is_one_line(facts) -> None:
    for night in (
        told(facts),
        told(facts, ("A-00001", AS_OF, "not given"), ("A-00002", AS_OF, "price", "involuntary")),
    ):
        shown = section(night)
        assert "Nobody has said why yet." in shown
        assert shown.count("<p") == 1
        assert "<svg" not in shown


def test_reasons_are_counted_by_month_and_a_failed_payment_is_none(facts) -> None:
    night = told(
        facts,
        ("A-00001", date(2026, 8, 3), "price"),
        ("A-00002", date(2026, 8, 9), "price"),
        ("A-00003", date(2025, 9, 1), "price"),
        ("A-00004", date(2026, 7, 9), "not given"),
        ("A-00005", date(2026, 7, 9), "price", "involuntary"),
        ("A-00006", date(2025, 8, 31), "faults"),  # a year and a day ago
    )
    left = why_they_left(night, FORMATS)
    assert left is not None
    assert left.words.startswith("3 of 4 recorded exits of the last 12 months came with a reason; 1 more left because")
    assert f"<title>{PRICE}, Aug 26: 2</title>" in left.chart
    assert f"<title>{PRICE}, Sept 25: 1</title>" in left.chart
    assert "<title>No reason given, Jul 26: 1</title>" in left.chart
    assert left.chart.count("<rect") == 3
    assert "hatched" in left.chart  # who gave none is told apart without colour


def test_reasons_are_counted_by_plan_with_shares_only_where_they_say_something(facts) -> None:
    starter, team = ([f"A-{at:05d}" for at in range(1, 400) if (at - 1) % 3 == place] for place in (0, 1))
    rows = [(account, AS_OF, "price" if at < 5 else "faults") for at, account in enumerate(starter[:20])]
    night = told(facts, *rows, (team[0], AS_OF, "price"), ("gone", AS_OF, "price"))
    left = why_they_left(night, FORMATS)
    assert left is not None
    assert left.segments is not None
    assert (left.segments.field, left.segments.heads) == (
        "plan",
        (("Starter", "20"), ("Team", "1"), ("not known", "1")),
    )
    assert left.segments.rows == (
        ("It had too many faults", ("15 (75%)", "–", "–")),
        (PRICE, ("5 (25%)", "1", "1")),
    )


def test_accounts_that_show_the_same_are_told_from_thirty_answers_on(facts) -> None:
    shown = section(facts)
    had, like_it = (
        "52% of the 44 with a picture had shown “price rise”, 8% of those who stayed.",
        "<b>47</b> accounts still here",
    )
    assert (
        f"<li><b>{PRICE}</b> (49 answers): {had} {like_it} show it; a list with signs: has price_rise holds them.</li>"
        in shown
    )
    assert "(31 answers): no sign sets the 29 with a picture apart from accounts that stayed." in shown
    assert "(16 answers): told from 30 answers on; 14 are missing." in shown


def test_words_are_quoted_only_with_consent_and_never_with_a_name_or_an_address(tmp_path) -> None:
    facts_of(tmp_path)
    settings = settings_of(tmp_path)
    engine = open_operations(settings.places.operations_url)
    moment = datetime(2026, 8, 3, 10, tzinfo=UTC)
    answer = ExitAnswer("m1", "A-00001", "price", "Too <b>dear</b>", may_quote=True, place=1, language="en")
    exit_ = ImportedExit("A-00002", naive_utc(moment), None, None, "Write me: a@b.example", None, "left", None, True)
    with writing(engine) as connection:
        store_answer(connection, answer, moment)
        store_answer(connection, replace(answer, message_id="m2", comment="A secret", may_quote=False), moment)
        store_answer(
            connection, replace(answer, message_id="m3", comment="After it"), datetime(2026, 8, 31, 22, tzinfo=UTC)
        )
        silent = replace(exit_, account_id="A-00003", comment="Imported secret", may_quote=False)
        store_exits(connection, [exit_, silent], "exits.csv", moment)
    night = read_night(settings, engine, AS_OF, 1, "preview")
    assert {quote.comment for quote in night.quotes} == {"Too <b>dear</b>", "Write me: a@b.example"}
    shown = section(night)
    assert f"<p>Too &lt;b&gt;dear&lt;/b&gt;</p><footer>{PRICE}, Aug 26</footer>" in shown
    assert "Write me: (address)" in shown
    assert not any(word in shown for word in ("secret", "a@b.example", "A-00001", "After it"))


def test_a_reason_has_the_companys_words_in_its_language(facts) -> None:
    german = replace(facts, reason_words={"price": "Zu teuer"}, quotes=(Quote("price", "Schade", naive_utc(NOW)),))
    left = why_they_left(told(german, ("A-00001", AS_OF, "price"), ("A-00002", AS_OF, "word of a source")), FORMATS)
    assert left is not None
    assert "Zu teuer" in left.chart
    assert "word of a source" in left.chart
    assert left.quotes[0].about == "Zu teuer, Sept 26"
