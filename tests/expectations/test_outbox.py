"""Hand-over 3: one false or broken message is held and the others leave; a broken outbox is held whole."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from expectations.process import Checker
from expectations.report import holds
from tests.expectations.outbox_world import STOP, OutboxWorld, claim, outbox_world


@pytest.fixture
def world(tmp_path: Path) -> OutboxWorld:
    return outbox_world(tmp_path)


def test_a_good_outbox_leaves_whole(checker: Checker, world: OutboxWorld) -> None:
    report = checker.check(world.request)
    assert report.failed == ()
    assert holds(report).message_ids == frozenset()
    assert not holds(report).whole_send


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("claim_is_true", claim("days", "1001.0", "1,002")),
        ("claim_is_true", claim("first_name", "Ann", "Bo")),
        ("claim_is_true", claim("mrr", "123451", "€1,234.50")),
        ("claim_is_true", claim("days", "many", "1,002")),
        ("claim_is_known", claim("discount", "50", "50")),
        ("claim_has_a_value", claim("first_name", "", "")),
        ("claim_has_a_value", claim("first_name", None, None)),
        ("claim_has_a_value", claim("first_name", "nan", "nan")),
        ("claim_is_shown_as_it_is", claim("days", "1002.0", "1,003")),
        ("claim_is_shown_as_it_is", claim("first_name", "Bo", "Hello")),
        ("claim_is_shown_as_it_is", claim("mrr", "123450", "€12.34")),
        ("claim_is_shown_as_it_is", claim("ends", "2026-12-26", "25 December 2026")),
        ("claim_is_shown_as_it_is", claim("ends", "2026-12-26", "26 December 2025")),
        ("claim_is_in_the_message", claim("sign", "quiet", "louder than ever")),
        ("claim_is_in_the_message", "text = replace(text, '1,002', '31')"),
        ("claim_is_shown_as_it_is", claim("mrr", "123450", "$1,234.50")),
        ("claim_is_shown_as_it_is", claim("mrr", "123450", "US€1,234.50")),
        ("claim_is_shown_as_it_is", claim("sign", "quiet", "Hello")),
        ("numbers_are_claimed", "text = replace(text, 'you pay', 'of 77 you pay')"),
        ("numbers_are_claimed", "subject = 'Only until 3 May'"),
        ("numbers_are_claimed", "html = replace(html, 'too quiet', 'too quiet, 20% off')"),
        ("addresses_are_claimed", "text = replace(text, 'you pay', 'ann@example.org pays')"),
        ("goes_to_its_contact", "email = 'somebody.else@example.org'"),
        ("link_is_https", "html = replace(html, 'https://loopwise.example/stop', 'http://loopwise.example/stop')"),
        ("link_is_ours", "html = html || '<a href=\"https://loopwise.example.evil.example/\">x</a>'"),
        ("link_is_ours", "html = html || '<img alt=\"a\" src=''https://tracker.example/p.gif''>'"),
        ("link_is_ours", "html = html || '<a href=\"https://loopwise.example@evil.example/\">x</a>'"),
        ("link_is_ours", "text = text || ' https://evil.example/now'"),
        ("link_is_ours", "html = html || '<a href=\"mailto:me@evil.example\">x</a>'"),
        ("images_have_a_text", "html = html || '<img src=\"https://loopwise.example/a.png\">'"),
        ("images_have_a_text", 'html = html || \'<IMG alt="" src="https://loopwise.example/a.png">\''),
        ("claims_readable", "claims_json = 'none'"),
        ("claim_has_a_value", "claims_json = '[1]'"),
        ("claim_has_a_value", "claims_json = '{\"first_name\": 5}'"),
        ("claim_has_a_value", 'claims_json = \'{"days": {"shown": "5"}, "days": {"shown": "6"}}\''),
        ("claim_is_true", 'claims_json = \'{"days": {"raw": 5, "shown": 5}}\''),
        ("numbers_are_claimed", "claims_json = '{}'"),
        ("claims_readable", "claims_json = null"),
        ("email_shaped", "email = 'bo at example.org'"),
        ("email_shaped", "email = 'bo@example.org\nBcc: all@example.org'"),
        ("email_shaped", "email = null"),
        ("not_suppressed", "email = ' Gone@Example.org'"),
        ("has_account", "account_id = ''"),
        ("subject_fits", "subject = repeat('x', 79)"),
        ("subject_fits", "subject = ' '"),
        ("subject_is_one_line", "subject = 'A note\nBcc: all@example.org'"),
        ("subject_is_filled", "subject = 'A note, {{ first_name }}'"),
        ("subject_is_filled", "subject = 'None'"),
        ("text_is_filled", "text = replace(text, 'Bo', '')"),
        ("text_is_filled", "text = replace(text, 'Bo', 'nan')"),
        ("text_is_filled", "text = replace(text, 'Bo', '{% if x %}')"),
        ("html_is_filled", "html = replace(html, 'Bo', 'None')"),
        ("html_is_filled", "html = replace(html, 'Bo', '{{ first_name }}')"),
        ("has_text_and_html", "text = ''"),
        ("has_text_and_html", "html = null"),
        ("has_unsubscribe", f"text = replace(text, '{STOP}', 'https://elsewhere.example')"),
        ("has_unsubscribe", f"html = replace(html, '{STOP}', 'https://elsewhere.example')"),
        ("has_postal_address", "text = replace(text, 'Road 4', '')"),
        ("has_postal_address", "html = replace(html, 'Berlin', '')"),
        ("is_small_enough", "html = html || repeat('ä', 50000)"),
    ],
)
def test_a_bad_message_is_held_alone(checker: Checker, world: OutboxWorld, rule: str, change: str) -> None:
    world.sql(f"update outbox set {change} where message_id = 'm2'")
    report = checker.check(world.request)
    assert rule in {r.rule for r in report.failed}
    assert holds(report).message_ids == {"m2"}
    assert not holds(report).whole_send
    assert rule in next(message.rules for message in report.messages)


def test_numbers_are_equal_as_numbers_and_not_as_text(checker: Checker, world: OutboxWorld) -> None:
    world.sql("update expected set value = '1002' where message_id = 'm2' and name = 'days'")
    assert checker.check(world.request).failed == ()


def test_a_subject_of_78_characters_and_a_mail_to_stop_are_fine(checker: Checker, world: OutboxWorld) -> None:
    world.sql("update outbox set subject = repeat('x', 78)")
    world.sql(f"update outbox set text = replace(text, '{STOP}?a=1&m=', 'mailto:stop@loopwise.example?subject=')")
    world.sql(f"update outbox set html = replace(html, '{STOP}?a=1&amp;m=', 'mailto:stop@loopwise.example?subject=')")
    assert checker.check(world.request).failed == ()


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("one_per_message_id", "update outbox set message_id = 'm1' where message_id = 'm2'"),
        ("one_per_person", "update outbox set email = 'ANN@example.org ' where message_id = 'm2'"),
        ("as_many_as_decided", "delete from outbox where message_id = 'm2'"),
        ("as_many_as_decided", "delete from outbox"),
        ("values_of_the_night_given", "delete from expected"),
    ],
)
def test_a_broken_outbox_is_held_whole(checker: Checker, world: OutboxWorld, rule: str, change: str) -> None:
    world.sql(change)
    held = holds(checker.check(world.request))
    assert held.whole_send
    assert rule in {result.rule for result in held.because}


def test_nothing_decided_and_nothing_there_holds_nothing(checker: Checker, world: OutboxWorld) -> None:
    world.sql("delete from outbox")
    assert not holds(checker.check(replace(world.request, messages=0))).whole_send


def test_a_preview_without_a_way_to_stop_only_warns(checker: Checker, world: OutboxWorld) -> None:
    report = checker.check(replace(world.request, unsubscribe_starts=(), postal_address=""))
    assert {r.rule for r in report.failed} == {"unsubscribe_is_set", "postal_address_is_set"}
    assert not holds(report).whole_send
    assert holds(report).message_ids == frozenset()


def test_every_failing_message_is_named_not_just_examples(checker: Checker, world: OutboxWorld) -> None:
    world.sql(
        """insert into outbox
           select 'x' || n, campaign, 'p' || n || '@example.org', account_id, language, '', text, html, '{}'
           from outbox, range(700) as numbers(n) where message_id = 'm1'"""
    )
    report = checker.check(replace(world.request, messages=703))
    assert len(holds(report).message_ids) == 700
    assert all(len(result.example_ids) <= 5 for result in report.results)


def test_a_rule_that_cannot_be_checked_holds_the_whole_send(checker: Checker, world: OutboxWorld) -> None:
    world.sql("drop table suppressions")
    held = holds(checker.check(world.request))
    assert held.whole_send
    assert [(r.rule, r.outcome) for r in held.because] == [("not_suppressed", "could_not_check")]


def test_no_address_or_name_gets_into_the_report(checker: Checker, world: OutboxWorld) -> None:
    world.sql("update outbox set subject = '', email = 'bo at example.org'")
    assert "example.org" not in str(checker.check(world.request))


def test_links_to_our_own_pages_and_pictures_with_a_text_pass(checker: Checker, world: OutboxWorld) -> None:
    link = '<a href="https://app.loopwise.example/x?y=1&amp;z=2">see</a>'
    image = '<img width="20" alt="Our logo" src="https://loopwise.example/logo.png">'
    world.sql("update outbox set html = replace(html, 'too quiet', 'too quiet ' || ?)", [link + image])
    assert checker.check(world.request).failed == ()


def test_a_picture_whose_text_has_an_angle_and_a_bare_scheme_in_the_words_pass(
    checker: Checker, world: OutboxWorld
) -> None:
    image = '<img src="https://loopwise.example/logo.png" alt="more > less">'
    world.sql("update outbox set html = replace(html, 'too quiet', 'too quiet ' || ?)", [image])
    world.sql("update outbox set text = text || ' Our links begin with https:// and never with mailto: alone.'")
    assert checker.check(world.request).failed == ()


def test_numbers_of_the_approved_words_need_no_claim(checker: Checker, world: OutboxWorld) -> None:
    world.sql("update outbox set text = text || ' Twenty of 20 stay.'")
    assert holds(checker.check(world.request)).message_ids == {"m1", "m2", "m3"}
    world.sql("update literals set numbers = ['4', '20']")
    assert checker.check(world.request).failed == ()


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "held"),
    [(None, None, False), ("2026-08-27", "2026-08-27", False), (None, "2026-08-26", True), ("2026-08-28", None, True)],
)
def test_an_offer_that_is_not_valid_tomorrow_holds_its_messages(
    valid_from: str | None, valid_to: str | None, held: bool, checker: Checker, world: OutboxWorld
) -> None:
    world.sql("insert into offers values ('slipping_note', ?, ?)", [valid_from, valid_to])
    found = {rule for message in checker.check(world.request).messages for rule in message.rules}
    assert found == ({"offer_is_valid_tomorrow"} if held else set())
