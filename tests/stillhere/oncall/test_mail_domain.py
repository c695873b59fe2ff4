"""The doctor reads SPF, DKIM and DMARC of the sender's domain from a real DNS server."""

from __future__ import annotations

import dataclasses

import pytest

from stillhere.doctor.checks import Check
from stillhere.doctor.mail_domain import check_mail_domain
from stillhere.settings import Settings
from tests.stillhere.campaigns.world import tiny_settings
from tests.stillhere.oncall.dns_server import Texts, dns_server

KEY = "v=DKIM1; k=rsa; p=" + "A" * 380
GOOD: Texts = {
    "tiny.example": ["some-site-verification=1", "v=spf1 include:sendgrid.net ~all"],
    "s1._domainkey.tiny.example": [KEY],
    "_dmarc.tiny.example": ["v=DMARC1; p=quarantine; rua=mailto:d@tiny.example"],
}


@pytest.fixture
def settings(tmp_path) -> Settings:
    made = tiny_settings(tmp_path, sender={"email": "care@tiny.example"})
    return dataclasses.replace(made, environment=made.environment.model_copy(update={"sender": "smtp"}))


def asked(settings: Settings, texts: Texts, **changed: list[str]) -> list[Check]:
    with dns_server({**texts, **{name.replace("__", "."): rows for name, rows in changed.items()}}) as resolver:
        return list(check_mail_domain(settings, resolver))


def test_a_domain_with_all_three_is_fine(settings: Settings) -> None:
    found = asked(settings, GOOD)
    assert [check.state for check in found] == ["fine", "fine", "fine"]
    assert "DMARC says quarantine" in found[2].words


@pytest.mark.parametrize(
    ("name", "texts", "said"),
    [
        ("tiny.example", ["nothing"], "has no SPF record"),
        ("tiny.example", ["v=spf1 -all", "v=spf1 ~all"], "has 2 SPF records"),
        ("tiny.example", ["v=spf1 +all"], "everybody may send as you"),
        ("tiny.example", ["v=spf1 " + " ".join(f"include:{n}.example" for n in range(11)) + " -all"], "11 lookups"),
        ("s1._domainkey.tiny.example", ["v=DKIM1; p="], "was taken back"),
        ("_dmarc.tiny.example", ["v=DMARC1; rua=mailto:x@tiny.example"], "DMARC has no policy"),
        ("_dmarc.tiny.example", ["v=DMARC1; p=none", "v=DMARC1; p=reject"], "has 2 DMARC records"),
        ("_dmarc.tiny.example", ["v=something"], "has no DMARC record"),
    ],
)
def test_what_is_wrong_is_a_problem_for_a_live_sender_and_a_note_for_files(
    name: str, texts: list[str], said: str, settings: Settings
) -> None:
    [problem] = [check for check in asked(settings, {**GOOD, name: texts}) if check.state != "fine"]
    assert (problem.state, said in problem.words) == ("problem", True)
    files = dataclasses.replace(settings, environment=settings.environment.model_copy(update={"sender": "files"}))
    assert {check.state for check in asked(files, {**GOOD, name: texts})} == {"fine", "note"}


def test_a_policy_of_none_is_worth_knowing_only(settings: Settings) -> None:
    found = asked(settings, {**GOOD, "_dmarc.tiny.example": ["v=DMARC1; p=none"]})
    assert [check.state for check in found] == ["fine", "fine", "note"]


def test_the_domain_above_speaks_for_a_subdomain(tmp_path) -> None:
    below = tiny_settings(tmp_path, sender={"email": "care@mail.tiny.example"})
    texts = {**GOOD, "mail.tiny.example": ["v=spf1 -all"], "s1._domainkey.mail.tiny.example": [KEY]}
    assert [check.state for check in asked(below, texts)] == ["fine", "fine", "fine"]


def test_a_selector_of_ones_own_is_asked_for_alone(tmp_path, settings: Settings) -> None:
    sender = settings.company.sender.model_copy(update={"dkim_selectors": ("stillhere",)})
    own = dataclasses.replace(settings, company=settings.company.model_copy(update={"sender": sender}))
    assert "no DKIM key under stillhere" in asked(own, GOOD)[1].words
    assert asked(own, {**GOOD, "stillhere._domainkey.tiny.example": [KEY]})[1].state == "fine"


def test_a_server_that_does_not_answer_is_no_problem_of_the_domain(tmp_path) -> None:
    away = tiny_settings(tmp_path, sender={"email": "care@fails.example"})
    [check] = asked(away, GOOD)
    assert (check.state, "DNS did not answer" in check.words) == ("note", True)


def test_without_a_sender_there_is_nothing_to_ask(tmp_path) -> None:
    assert asked(tiny_settings(tmp_path), GOOD) == []
