"""The SendGrid sender against a server that really listens: what it asks, and what it makes of the answers."""

from __future__ import annotations

import socket
from collections import Counter
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from sqlalchemy import Engine

from stillhere.operations.ledger import counts, rows_of
from stillhere.operations.stops import pause
from stillhere.sending.sender_sendgrid import SendGridSender
from stillhere.sending.senders import Bundle
from stillhere.sending.sendgrid_client import SendGridClient
from stillhere.settings import Settings
from tests.stillhere.campaigns.world import TUESDAY_NIGHT
from tests.stillhere.sending.nights import MORNING, SENDER, company, seal_night, send
from tests.stillhere.sending.sendgrid_server import SendGrid, sendgrid_server
from tests.stillhere.sending.test_bad_moments import say_there_are_no_stops

PLANNED = datetime(2026, 3, 4, 4, tzinfo=UTC)


def sendgrid(tmp_path, url: str, **environment: str) -> Settings:
    """The company with SendGrid as its sender."""
    given = {"STILLHERE_SENDER": "sendgrid", "STILLHERE_SENDGRID_URL": url, "SENDGRID_API_KEY": "SG.test"}
    return company(tmp_path, {**given, **environment})


def sender_of(settings: Settings, server: SendGrid, **given) -> SendGridSender:
    return SendGridSender(settings.company, SendGridClient("SG.test", server.url, sleep=lambda _s: None), **given)


def row(number: int, **changes: object) -> dict[str, object]:
    """An outbox row as long as a real mail."""
    name, key = f"Company {number} & Söhne", f"{number:032x}"
    style = "margin:0;" * 800
    return {
        "message_id": key,
        "campaign": "slipping",
        "email": f"a{number}@x.example",
        "account_id": str(number),
        "language": "en",
        "subject": f"Hello {name}",
        "text": f"Hello,\n\nwe noticed something at {name}.\n\nStop: mailto:stop@x.example?subject={key}\n",
        "html": f'<html><body style="{style}"><p>At {name}</p><a href="mailto:stop@x.example?subject={key}">Stop</a>',
        "stop_url": None,
        **changes,
    }


def bundle_of(*rows: dict[str, object], **given: object) -> Bundle:
    return Bundle(rows, PLANNED, **given)  # type: ignore[arg-type]


def test_a_night_is_one_request_and_every_mail_is_its_own(tmp_path, engine: Engine) -> None:
    with sendgrid_server() as server:
        settings = sendgrid(tmp_path, server.url)
        say_there_are_no_stops(engine)
        decisions = seal_night(settings, engine, many=30)
        assert send(settings, engine).handed_over == 30
    [request] = server.sends
    assert (request["categories"], len(request["personalizations"])) == (["slipping"], 30)
    assert server.keys == {"Bearer SG.test"}
    written = pl.read_parquet(settings.places.night_folder(TUESDAY_NIGHT, 1) / "outbox.parquet")
    wanted = {one["message_id"]: (one["email"], one["subject"], one["text"], one["html"]) for one in written.to_dicts()}
    assert {one.message_id: (one.email, one.subject, one.text, one.html) for one in server.kept} == wanted
    assert set(wanted) == set(decisions["message_id"])
    for one in server.kept:
        stop = f"<mailto:stop@tiny.example?subject=unsubscribe%20{one.message_id}>"
        assert (one.headers["X-Stillhere-Message-Id"], one.headers["List-Unsubscribe"]) == (one.message_id, stop)
    assert {(r.status, r.detail, r.provider_id) for r in rows_of(engine)} == {("accepted", "queued as sg1", "sg1")}


def test_mails_that_are_too_unlike_go_alone_and_a_thousand_is_the_most(settings: Settings) -> None:
    unlike = row(5_000, html="<p>" + "something else entirely " * 600 + "</p>")
    with sendgrid_server() as server:
        told = sender_of(settings, server).send(bundle_of(unlike, *(row(number) for number in range(1_001))))
    assert {one.status for one in told} == {"accepted"}
    assert sorted(len(one["personalizations"]) for one in server.sends) == [1, 1, 1_000]
    assert {one.message_id: one.html for one in server.kept}[unlike["message_id"]] == unlike["html"]
    assert Counter(server.message_ids).most_common(1)[0][1] == 1


def test_one_address_twice_is_two_requests(settings: Settings) -> None:
    with sendgrid_server() as server:
        sender_of(settings, server).send(bundle_of(row(1), row(2), row(3, email="a1@x.example")))
    assert sorted(len(one["personalizations"]) for one in server.sends) == [1, 2]


def test_a_bad_address_spoils_nobody_elses_mail(settings: Settings) -> None:
    rows = [row(number) for number in range(16)]
    rows[5]["email"] = "not an address"
    with sendgrid_server() as server:
        told = sender_of(settings, server).send(bundle_of(*rows))
    assert [number for number, one in enumerate(told) if one.status == "refused"] == [5]
    assert sorted(server.message_ids) == sorted(one["message_id"] for one in rows if one is not rows[5])


@pytest.mark.parametrize(
    ("mood", "status", "left"),
    [
        *((500, "unknown", 0), (503, "unknown", 0), ("fail", "unknown", 1), ("drop", "unknown", 1)),
        *(("hang up", "unknown", 0), (400, "refused", 0), (401, "refused", 0), ("accept", "accepted", 1)),
    ],
)
def test_only_what_surely_did_not_leave_is_tried_again(tmp_path, engine: Engine, mood, status, left) -> None:
    with sendgrid_server(lambda number: mood if number == 1 else "accept") as server:
        settings = sendgrid(tmp_path, server.url)
        say_there_are_no_stops(engine)
        seal_night(settings, engine, many=1)
        send(settings, engine)
        assert (counts(engine, TUESDAY_NIGHT, "live"), len(server.kept)) == ({status: 1}, left)
        send(settings, engine)
        assert len(server.kept) == (1 if status == "refused" else left)


def test_a_server_that_nobody_listens_at_has_taken_nothing(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    told = SendGridSender(settings.company, SendGridClient("SG.test", url)).send(bundle_of(row(1), row(2)))
    assert {(one.status, one.no_connection) for one in told} == {("refused", True)}


def test_a_server_that_does_not_answer_in_time_leaves_a_doubt(settings: Settings) -> None:
    with sendgrid_server(seconds=0.5) as server:
        client = SendGridClient("SG.test", server.url, timeout_seconds=0.1)
        told = SendGridSender(settings.company, client).send(bundle_of(row(1)))
    assert [(one.status, one.no_connection) for one in told] == [("unknown", True)]


def test_a_429_is_obeyed_and_what_was_put_off_goes_once(tmp_path, engine: Engine) -> None:
    with sendgrid_server(lambda number: 429 if number == 1 else "accept") as server:
        settings = sendgrid(tmp_path, server.url)
        say_there_are_no_stops(engine)
        seal_night(settings, engine)
        assert send(settings, engine).handed_over == 3
    assert len(server.sends) == 2
    assert set(Counter(server.message_ids).values()) == {1}


def test_a_pause_is_seen_while_the_server_asks_to_wait(tmp_path, engine: Engine) -> None:
    def too_many_then_paused(_number: int) -> int:
        pause(engine, "slipping", "wrong price", MORNING)
        return 429

    with sendgrid_server(too_many_then_paused) as server:
        settings = sendgrid(tmp_path, server.url)
        say_there_are_no_stops(engine)
        seal_night(settings, engine)
        assert (send(settings, engine).paused, server.kept) == (3, [])
    assert len(server.sends) == 1


def test_mails_wait_at_the_provider_in_a_batch_that_can_be_called_back(tmp_path, engine: Engine) -> None:
    with sendgrid_server() as server:
        settings = sendgrid(tmp_path, server.url)
        say_there_are_no_stops(engine)
        seal_night(settings, engine)
        send(settings, engine)
    at = MORNING.replace(hour=5) + timedelta(minutes=30)
    assert [(one["send_at"], one["batch_id"]) for one in server.sends] == [(int(at.timestamp()), "batch1")]
    nine_in_berlin = MORNING.replace(hour=8, minute=0, tzinfo=None)  # when the readers' hours begin
    assert {(one.batch_id, one.send_at) for one in rows_of(engine)} == {("batch1", nine_in_berlin)}


def test_a_mail_is_not_due_before_its_readers_hours_begin(settings: Settings) -> None:
    soon, later = PLANNED + timedelta(minutes=30), PLANNED + timedelta(hours=7)
    rows = [row(1, send_at=PLANNED), row(2, send_at=later), row(3)]
    with sendgrid_server() as server:
        sender_of(settings, server).send(bundle_of(*rows, send_at=soon, batch_id="b"))
    [request] = server.sends
    assert request["send_at"] == int(soon.timestamp())
    assert [one.get("send_at") for one in request["personalizations"]] == [None, int(later.timestamp()), None]


def test_in_sandbox_mode_everything_is_checked_and_nothing_leaves(tmp_path, engine: Engine) -> None:
    with sendgrid_server() as server:
        settings = sendgrid(tmp_path, server.url, STILLHERE_SENDGRID_SANDBOX="1")
        say_there_are_no_stops(engine)
        seal_night(settings, engine)
        result = send(settings, engine)
    assert (result.handed_over, result.refused, server.kept) == (0, 3, [])
    assert server.sends[0]["mail_settings"] == {"sandbox_mode": {"enable": True}}
    assert "send_at" not in server.sends[0]


def test_an_unsubscribe_group_and_an_answer_address_travel_along(tmp_path) -> None:
    settings = company(tmp_path, sender={**SENDER, "asm_group_id": 7, "reply_to": "care@x.example"})
    with sendgrid_server() as server:
        sender_of(settings, server).send(bundle_of(row(1), row(2, reply_to="owner@x.example")))
    assert [one["asm"] for one in server.sends] == [{"group_id": 7}] * 2
    assert {one["reply_to"]["email"] for one in server.sends} == {"care@x.example", "owner@x.example"}
