"""Hand-over 1 from a company's own mapping, on rows that were really extracted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import duckdb

from expectations.process import Checker
from expectations.report import holds
from stillhere.connectors import ResourceOutcome
from stillhere.gates.hand_overs import RawVerdict, check_raw
from stillhere.gates.raw_rules import raw_rules
from stillhere.settings import Settings
from stillhere.warehouse.night_inputs import AcceptedLoad
from tests.stillhere.gates.conftest import AS_OF, NOW, write_orders

Extract = Callable[..., list[ResourceOutcome]]
YESTERDAY, EARLIER = AS_OF - timedelta(days=1), NOW - timedelta(days=1)


def first_night(checker: Checker, settings: Settings, extract: Extract) -> RawVerdict:
    return check_raw(checker, settings, YESTERDAY, EARLIER, extract(EARLIER), accepted=())


def test_a_first_night_is_accepted_whole(checker: Checker, settings: Settings, extract: Extract) -> None:
    verdict = first_night(checker, settings, extract)
    assert verdict.report.failed == ()
    assert {load.resource for load in verdict.accepted} == {"orders", "people"}
    assert verdict.refused == ()
    assert verdict.quarantined == ()


def test_the_mapping_says_what_is_a_bad_row(checker: Checker, settings: Settings, extract: Extract) -> None:
    accepted = first_night(checker, settings, extract).accepted
    path = write_orders(settings.folder, [AS_OF], "tonight")
    bad = [
        ";k1;26.08.2026 10:00;1,00;Kauf",  # no number
        "x1;;26.08.2026 10:00;1,00;Kauf",  # no customer
        "x2;k1;2026-08-26 10:00;1,00;Kauf",  # another format
        "x3;k1;26.08.2036 10:00;1,00;Kauf",  # a year that has not come
        "x4;k1;26.08.2026 10:00;1.5.2;Kauf",  # no amount
        "x5;;irgendwann;viel;Storno",  # not an order, so no rule of orders is about it
    ]
    path.write_text(path.read_text() + "\n".join(bad) + "\n")
    people = settings.folder / "people.csv"
    people.write_text(people.read_text() + "k98;p98 at example.org\nk99;\n")
    verdict = check_raw(checker, settings, AS_OF, NOW, extract(), accepted)
    assert {(count.rule, count.rows) for count in verdict.quarantined} == {
        ("bestell_nr_present", 1),
        ("kunde_present", 1),
        ("datum_time", 2),
        ("betrag_number", 1),
        ("mail_email", 1),
    }
    assert {load.state for load in verdict.report.loads} == {"accepted_with_quarantine"}
    assert not holds(verdict.report).whole_send
    with duckdb.connect(str(settings.places.raw_database), read_only=True) as raw:
        kept = raw.execute("select row_json from quarantine.rows where rule = 'mail_email'").fetchall()
    assert "p98 at example.org" in kept[0][0]
    assert "p98" not in str(verdict.report)


def test_half_a_day_is_refused_and_the_day_before_stays(checker: Checker, settings: Settings, extract: Extract) -> None:
    accepted = first_night(checker, settings, extract).accepted
    write_orders(settings.folder, [AS_OF], "tonight", each=19)
    verdict = check_raw(checker, settings, AS_OF, NOW, extract(), accepted)
    assert [load.resource for load in verdict.refused] == ["orders"]
    assert [r.rule for r in holds(verdict.report).because] == ["usual_volume"]


def test_half_a_day_is_no_news_on_a_day_on_which_the_company_is_closed(
    checker: Checker, settings: Settings, extract: Extract
) -> None:
    accepted = first_night(checker, settings, extract).accepted
    write_orders(settings.folder, [AS_OF], "tonight", each=19)
    closed = replace(settings, company=settings.company.model_copy(update={"closed_dates": (AS_OF,)}))
    assert check_raw(checker, closed, AS_OF, NOW, extract(), accepted).refused == ()


def test_what_comes_after_a_load_that_a_person_took_as_it_is_is_held_against_it(
    checker: Checker, settings: Settings, extract: Extract
) -> None:
    accepted = first_night(checker, settings, extract).accepted
    write_orders(settings.folder, [AS_OF], "tonight", each=19)
    [refused] = check_raw(checker, settings, AS_OF, NOW, extract(), accepted).refused
    later, day = NOW + timedelta(days=1), AS_OF + timedelta(days=1)
    write_orders(settings.folder, [day], "tomorrow", each=19)
    outcomes = extract(later)
    assert check_raw(checker, settings, day, later, outcomes, (*accepted, refused)).refused != ()
    verdict = check_raw(checker, settings, day, later, outcomes, (*accepted, refused), {refused: AS_OF})
    assert verdict.refused == ()
    assert [load.resource for load in verdict.accepted] == ["orders"]


def test_a_column_that_was_renamed_is_refused(checker: Checker, settings: Settings, extract: Extract) -> None:
    accepted = first_night(checker, settings, extract).accepted
    path = write_orders(settings.folder, [AS_OF], "tonight")
    path.write_text(path.read_text().replace("Kunde", "Kundennummer"))
    verdict = check_raw(checker, settings, AS_OF, NOW, extract(), accepted)
    gone = next(r for r in verdict.report.results if r.rule == "columns_there" and r.resource == "orders")
    assert gone.example_ids == ("kunde",)
    assert [load.resource for load in verdict.refused] == ["orders"]


def test_nothing_new_holds_once_it_is_stale(checker: Checker, settings: Settings, extract: Extract) -> None:
    accepted = first_night(checker, settings, extract).accepted
    later = NOW + timedelta(days=2)
    verdict = check_raw(checker, settings, AS_OF + timedelta(days=2), later, extract(later), accepted)
    assert {"fresh"} <= {r.rule for r in holds(verdict.report).because}


def test_the_same_night_again_judges_the_same(checker: Checker, settings: Settings, extract: Extract) -> None:
    outcomes = extract(EARLIER)
    verdicts = [check_raw(checker, settings, YESTERDAY, EARLIER, outcomes, accepted=()) for _ in range(2)]
    assert verdicts[0].report.loads == verdicts[1].report.loads
    accepted = verdicts[0].accepted
    again = check_raw(checker, settings, YESTERDAY, EARLIER, extract(EARLIER), accepted)
    assert again.report.loads == ()
    assert not holds(again.report).whole_send


def test_a_source_that_was_never_read_is_held_in_words(checker: Checker, settings: Settings) -> None:
    verdict = check_raw(checker, settings, AS_OF, NOW, [], accepted=[AcceptedLoad("shop", "orders", "1.0")])
    assert holds(verdict.report).whole_send
    assert verdict.report.results[0].outcome == "could_not_check"


def test_a_resource_has_one_rule_for_each_thing_that_is_mapped(settings: Settings, extract: Extract) -> None:
    extract(EARLIER)
    rules, resources = raw_rules(settings, AS_OF)
    assert len({(rule.source, rule.resource, rule.rule) for rule in rules}) == len(rules)
    orders = next(one for one in resources if one.resource == "orders")
    assert orders.daily
    assert orders.columns == ("art", "bestell_nr", "betrag", "datum", "kunde")
