"""On-call is told once an incident, through a real mail server and a real webhook; a dead one fails nothing."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from datetime import date, timedelta
from email import message_from_bytes
from email.message import Message as Mail
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import Engine

from stillhere.oncall.healthcheck import ping
from stillhere.oncall.notifier import notify
from stillhere.oncall.status import read_status
from stillhere.operations.holds import Hold, replace_holds
from stillhere.operations.incidents import open_incidents
from stillhere.operations.open import writing
from stillhere.settings import Settings
from tests.stillhere.oncall.nights import AS_OF, MORNING, company, operations, rows_in, run_night
from tests.web_server import web_server


class Inbox:
    """Keeps every mail that arrives."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        self.mails.append(message_from_bytes(envelope.content))
        return "250 OK"


@pytest.fixture
def mail_server() -> Iterator[tuple[str, Inbox]]:
    inbox = Inbox()
    with socket.socket() as free:  # aiosmtpd connects to the port it was given, so 0 will not do
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(inbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield f"smtp://127.0.0.1:{port}", inbox
    finally:
        controller.stop()


def tell(settings: Settings, engine: Engine, minutes: int = 0) -> list[str]:
    now = MORNING + timedelta(minutes=minutes)
    return notify(settings, engine, read_status(settings, engine, now), now)


def test_a_failed_night_is_told_once_by_mail_and_webhook_and_once_more_when_good_again(
    tmp_path: Path, mail_server: tuple[str, Inbox]
) -> None:
    smtp, inbox = mail_server
    with web_server() as (webhook, posted):
        environment = {"STILLHERE_SMTP_URL": smtp}
        settings = company(tmp_path, mail="oncall@acme.example", webhook=webhook, environment=environment)
        engine = operations(settings)
        run_night(settings, engine, state="failed", message="dbt: 2 models failed")
        assert tell(settings, engine) == []
        assert tell(settings, engine, 5) == []
        (mail,) = inbox.mails
        assert mail["Subject"] == f"Acme: night failed {AS_OF}"
        assert mail["List-Unsubscribe"] is None
        assert "docs/runbooks/night-failed.md" in mail.as_string()
        assert [json.loads(body)["state"] for _, body in posted] == ["open"]

        run_night(settings, engine, started=MORNING + timedelta(minutes=6))
        assert tell(settings, engine, 10) == []
        assert tell(settings, engine, 15) == []
        assert [mail["Subject"] for mail in inbox.mails][1:] == [f"Acme: good again, night failed {AS_OF}"]
        assert [json.loads(body)["state"] for _, body in posted] == ["open", "closed"]
    assert open_incidents(engine) == []


def test_the_same_trouble_in_the_next_night_is_a_new_incident(tmp_path: Path) -> None:
    with web_server() as (webhook, posted):
        settings = company(tmp_path, webhook=webhook)
        engine = operations(settings)
        run_night(settings, engine, AS_OF - timedelta(days=1), state="failed")
        tell(settings, engine, -24 * 60)
        run_night(settings, engine, state="failed")
        tell(settings, engine)
        told = [json.loads(body) for _, body in posted]
    assert [one["incident"] for one in told if one["state"] == "open"] == [
        f"night failed {AS_OF - timedelta(days=1)}",
        f"night failed {AS_OF}",
    ]


def hold_campaigns(engine: Engine, day: date, *campaigns: str, rule: str = "model_inputs") -> None:
    held = [
        Hold(day, 1, "campaign", one, rule, f"9 inputs have jumped since {day}", 3, (), "marketing", MORNING, day)
        for one in campaigns
    ]
    with writing(engine) as connection:
        replace_holds(connection, day, 1, held)


def test_campaigns_held_by_a_doubt_are_told_once_however_many_nights_it_lasts(
    tmp_path: Path, mail_server: tuple[str, Inbox]
) -> None:
    smtp, inbox = mail_server
    settings = company(tmp_path, mail="oncall@acme.example", environment={"STILLHERE_SMTP_URL": smtp})
    engine = operations(settings)
    nights = [AS_OF - timedelta(days=back) for back in (3, 2, 1, 0)]
    for day in nights[:2]:
        run_night(settings, engine, day)
        hold_campaigns(engine, day, "slipping_note", "high_value_call")
        assert tell(settings, engine, -24 * 60 * (AS_OF - day).days) == []
    (mail,) = inbox.mails
    assert mail["Subject"] == "Acme: campaigns held, model-doubts"
    told = mail.as_string()
    assert "slipping_note" in told
    assert "high_value_call" in told
    assert "docs/runbooks/model-doubts.md" in told

    run_night(settings, engine, nights[2], state=None)  # under way: nothing is known of its campaigns yet
    tell(settings, engine, -24 * 60)
    assert not [one for one in inbox.mails if "good again, campaigns" in one["Subject"]]
    run_night(settings, engine, nights[3])
    tell(settings, engine)
    good_again = [mail["Subject"] for mail in inbox.mails if "campaigns held" in mail["Subject"]][1:]
    assert good_again == ["Acme: good again, campaigns held, model-doubts"]
    assert open_incidents(engine) == []


def test_a_half_empty_source_that_holds_campaigns_is_told_with_the_page_of_late_sources(
    tmp_path: Path, mail_server: tuple[str, Inbox]
) -> None:
    smtp, inbox = mail_server
    settings = company(tmp_path, mail="oncall@acme.example", environment={"STILLHERE_SMTP_URL": smtp})
    engine = operations(settings)
    run_night(settings, engine)
    hold_campaigns(engine, AS_OF, "slipping_note", "high_value_call", rule="usual_volume")
    tell(settings, engine)
    tell(settings, engine)
    (mail,) = inbox.mails
    assert mail["Subject"] == "Acme: campaigns held, source-late"
    assert "docs/runbooks/source-late.md" in mail.as_string()


def test_a_campaign_that_marketing_holds_back_alarms_nobody_at_night(tmp_path: Path) -> None:
    with web_server() as (webhook, posted):
        settings = company(tmp_path, webhook=webhook)
        engine = operations(settings)
        run_night(settings, engine)
        hold_campaigns(engine, AS_OF, "slipping_note", rule="too_many")
        tell(settings, engine)
        assert posted == []


def test_what_could_not_be_told_is_said_and_tried_again(tmp_path: Path) -> None:
    with web_server(status=500) as (webhook, refused):
        settings = company(tmp_path, webhook=webhook)
        engine = operations(settings)
        run_night(settings, engine, state="failed")
        assert "127.0.0.1 not told" in tell(settings, engine)[0]
        assert "127.0.0.1 not told" in tell(settings, engine, 5)[0]
        assert len(refused) == 2
    assert rows_in(engine, "incidents") == 1


def test_mail_without_a_server_says_which_variable_is_missing(tmp_path: Path) -> None:
    settings = company(tmp_path, mail="oncall@acme.example")
    engine = operations(settings)
    run_night(settings, engine, state="failed")
    (problem,) = tell(settings, engine)
    assert "STILLHERE_SMTP_URL" in problem


def test_a_late_night_is_told_as_late(tmp_path: Path) -> None:
    with web_server() as (webhook, posted):
        settings = company(tmp_path, webhook=webhook)
        engine = operations(settings)
        run_night(settings, engine, AS_OF - timedelta(days=1))
        tell(settings, engine)
    assert [json.loads(body)["incident"] for _, body in posted] == [f"night late {AS_OF}"]


def test_the_health_check_is_pinged_and_its_failure_is_words_without_the_secret_path() -> None:
    with web_server() as (url, seen):
        assert ping(f"{url}/secret-token") is None
        assert seen == [("GET /secret-token", b"")]
    words = ping(f"{url}/secret-token")
    assert words is not None
    assert "127.0.0.1 not pinged" in words
    assert "secret" not in words
    assert ping(None) is None
    assert "http" in (ping("ftp://example.org") or "")
