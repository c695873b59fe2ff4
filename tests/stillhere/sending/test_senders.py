"""The live senders, against servers that really listen."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from stillhere.operations.ledger import rows_of
from tests.stillhere.sending.mail_servers import smtp_server
from tests.stillhere.sending.nights import SENDER, company, mails, seal_night, send
from tests.stillhere.sending.test_bad_moments import say_there_are_no_stops, smtp


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
