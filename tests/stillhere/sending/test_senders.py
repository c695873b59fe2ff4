"""The live senders, against servers that really listen."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from stillhere.operations.ledger import counts, rows_of
from stillhere.settings import Settings
from tests.stillhere.campaigns.world import TUESDAY_NIGHT
from tests.stillhere.sending.mail_servers import sendgrid_server, smtp_server
from tests.stillhere.sending.nights import SENDER, company, mails, seal_night, send
from tests.stillhere.sending.test_bad_moments import say_there_are_no_stops, smtp


def sendgrid(tmp_path, url: str) -> Settings:
    environment = {"STILLHERE_SENDER": "sendgrid", "STILLHERE_SENDGRID_URL": url, "SENDGRID_API_KEY": "SG.test"}
    return company(tmp_path, environment)


def test_smtp_hands_over_whole_mails(tmp_path, engine: Engine) -> None:
    with smtp_server() as (url, mailbox):
        settings = smtp(tmp_path, url)
        say_there_are_no_stops(engine)
        decisions = seal_night(settings, engine)
        assert send(settings, engine).handed_over == 3
    assert sorted(mailbox.message_ids) == sorted(decisions["message_id"])
    mail = mailbox.mails[0]
    assert mail["To"].endswith("@x.example")
    assert mail["Content-Language"] == "en"
    assert mail["List-Unsubscribe"] == f"<mailto:stop@tiny.example?subject=unsubscribe%20{mailbox.message_ids[0]}>"
    assert [part.get_content_type() for part in mail.walk()][1:] == ["text/plain", "text/html"]
    assert mails(settings) == []


@pytest.mark.parametrize(
    ("reply", "status"), [("550 no such user", "refused"), ("451 try later", "refused"), ("250 OK", "accepted")]
)
def test_what_an_smtp_server_answers_is_settled(tmp_path, engine: Engine, reply: str, status: str) -> None:
    with smtp_server(lambda _number: reply) as (url, _):
        settings = smtp(tmp_path, url)
        say_there_are_no_stops(engine)
        seal_night(settings, engine, many=1)
        send(settings, engine)
    [row] = rows_of(engine)
    assert row.status == status
    assert "@" not in row.detail


def test_sendgrid_gets_our_id_category_and_stop_link(tmp_path, engine: Engine) -> None:
    with sendgrid_server() as (url, told):
        settings = sendgrid(tmp_path, url)
        say_there_are_no_stops(engine)
        decisions = seal_night(settings, engine)
        assert send(settings, engine).handed_over == 3
    ids = [request["personalizations"][0]["custom_args"]["message_id"] for request in told.requests]
    assert sorted(ids) == sorted(decisions["message_id"])
    first = told.requests[0]
    assert (first["path"], first["categories"]) == ("/v3/mail/send", ["slipping"])
    assert first["headers"]["List-Unsubscribe"].startswith("<mailto:stop@tiny.example")
    assert told.keys[0] == "Bearer SG.test"
    assert {row.detail for row in rows_of(engine)} == {"queued as sg-1", "queued as sg-2", "queued as sg-3"}


@pytest.mark.parametrize(("status", "settled"), [(500, "unknown"), (400, "refused"), (202, "accepted")])
def test_a_server_error_of_sendgrid_is_unknown_and_never_repeated(tmp_path, engine: Engine, status, settled) -> None:
    with sendgrid_server(lambda _number: status) as (url, told):
        settings = sendgrid(tmp_path, url)
        say_there_are_no_stops(engine)
        seal_night(settings, engine, many=1)
        send(settings, engine)
        assert counts(engine, TUESDAY_NIGHT, "live") == {settled: 1}
        asked = len(told.requests)
        send(settings, engine)
        assert len(told.requests) == asked + (settled == "refused")  # what surely did not leave may be tried again


@pytest.mark.parametrize("missing", ["name", "email", "postal_address", "unsubscribe_email"])
def test_a_live_sender_refuses_without_identity_or_a_way_to_stop(tmp_path, missing: str) -> None:
    from stillhere.operations import open_operations

    with smtp_server() as (url, mailbox):
        incomplete = {name: value for name, value in SENDER.items() if name != missing}
        environment = {"STILLHERE_SENDER": "smtp", "STILLHERE_SMTP_URL": url}
        settings = company(tmp_path, environment, sender=incomplete)
        engine = open_operations(settings.places.operations_url)
        say_there_are_no_stops(engine)
        seal_night(settings, engine)
        result = send(settings, engine)
        assert (result.not_ready, missing in (result.not_live or "")) == (True, True)
        assert (mailbox.mails, rows_of(engine)) == ([], [])


def test_the_first_live_night_asks_for_the_old_providers_stops(tmp_path, engine: Engine) -> None:
    with smtp_server() as (url, mailbox):
        settings = smtp(tmp_path, url)
        seal_night(settings, engine)
        assert "stillhere suppress import" in (send(settings, engine).not_live or "")
        assert mailbox.mails == []
        say_there_are_no_stops(engine)
        assert send(settings, engine).handed_over == 3
