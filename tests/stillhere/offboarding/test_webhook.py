"""The event webhook over a real server and real ECDSA keys: who is let in, and that none is lost or counted twice."""

from __future__ import annotations

import random
import sqlite3
import threading
import time
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import Engine, func, select

from stillhere.operations import reading
from stillhere.operations.ledger import rows_of
from stillhere.operations.mail_events import count_unworked
from stillhere.operations.tables import ledger, mail_events, suppressions
from tests.stillhere.offboarding.sendgrid_side import SendGridSide, event
from tests.stillhere.offboarding.web import Clock, delivered, running, web_company

PATH = "/webhooks/sendgrid"
WORKED_WITHIN_SECONDS = 20


@pytest.fixture
def sendgrid() -> SendGridSide:
    return SendGridSide()


@pytest.fixture
def hook(tmp_path, engine: Engine, clock: Clock, sendgrid: SendGridSide) -> Iterator[httpx.Client]:
    settings = web_company(tmp_path, {"STILLHERE_SENDGRID_WEBHOOK_KEY": sendgrid.public_key})
    with running(settings, engine, clock) as client:
        yield client


def stored(engine: Engine) -> list:
    with reading(engine) as connection:
        return list(connection.execute(select(mail_events).order_by(mail_events.c.occurred_at, mail_events.c.kind)))


def wait_until_worked(engine: Engine) -> None:
    until = time.monotonic() + WORKED_WITHIN_SECONDS
    while time.monotonic() < until:
        with reading(engine) as connection:
            if count_unworked(connection) == 0:
                return
        time.sleep(0.02)
    pytest.fail("the stored events were not worked")


def stops(engine: Engine) -> dict[str, str]:
    wait_until_worked(engine)
    with reading(engine) as connection:
        return {row.email: row.reason for row in connection.execute(select(suppressions))}


def test_signed_events_are_on_disk_when_they_are_answered(hook, engine, clock, sendgrid) -> None:
    events = [event("processed", 1), event("delivered", 2), event("open", 3)]
    answer = hook.post(PATH, **sendgrid.request(events, clock.now))
    assert (answer.status_code, answer.json()) == (200, {"stored": 3})
    rows = stored(engine)
    assert [(row.kind, row.email, row.message_id, row.campaign) for row in rows] == [
        ("processed", "a001@x.example", f"{1:032x}", "slipping"),
        ("delivered", "a002@x.example", f"{2:032x}", "slipping"),
        ("open", "a003@x.example", f"{3:032x}", "slipping"),
    ]


def test_what_is_unsigned_forged_altered_or_stale_is_refused_and_leaves_no_trace(hook, engine, clock, sendgrid) -> None:
    good = sendgrid.request([event("spamreport", 1)], clock.now)
    headers, body = good["headers"], good["content"]
    signature, timestamp = list(headers)[:2]
    other = SendGridSide().request([event("spamreport", 1)], clock.now)
    refused = {
        "no header": {"content": body},
        "no signature": {"content": body, "headers": {timestamp: headers[timestamp]}},
        "no time": {"content": body, "headers": {signature: headers[signature]}},
        "no base64": {"content": body, "headers": {**headers, signature: "*not base64*"}},
        "no number": {"content": body, "headers": {**headers, timestamp: "now"}},
        "somebody else's key": other,
        "another body": {"content": body.replace(b"a001", b"a002"), "headers": headers},
        "the same JSON, written anew": {"content": body.strip(), "headers": headers},
        "another time": {"content": body, "headers": {**headers, timestamp: str(int(headers[timestamp]) + 1)}},
        "too old": sendgrid.request([event("spamreport", 1)], clock.now - timedelta(minutes=11)),
        "from the future": sendgrid.request([event("spamreport", 1)], clock.now + timedelta(minutes=11)),
    }
    answers = {name: hook.post(PATH, **request).status_code for name, request in refused.items()}
    assert answers == dict.fromkeys(refused, 403)
    assert stored(engine) == []
    assert hook.post(PATH, **good).status_code == 200


def test_without_a_key_in_the_settings_nobody_is_let_in(tmp_path, engine, clock, sendgrid) -> None:
    with running(web_company(tmp_path), engine, clock) as client:
        assert client.post(PATH, **sendgrid.request([event()], clock.now)).status_code == 403


def test_a_new_key_is_taken_beside_the_old_one(tmp_path, engine, clock, sendgrid) -> None:
    new = SendGridSide()
    both = {"STILLHERE_SENDGRID_WEBHOOK_KEY": f"{new.public_key},{sendgrid.public_key}"}
    with running(web_company(tmp_path, both), engine, clock) as client:
        for side in (new, sendgrid):
            assert client.post(PATH, **side.request([event()], clock.now)).status_code == 200


def test_what_is_signed_and_no_list_of_events_is_said_so(hook, engine, clock, sendgrid) -> None:
    for body in (b"", b"{}", b"[1", b"\xff\xfe", b"[" * 100_000):
        assert hook.post(PATH, **sendgrid.request(body, clock.now)).status_code == 400
    assert stored(engine) == []
    assert hook.post(PATH, **sendgrid.request(b"[]", clock.now)).json() == {"stored": 0}


def test_a_strange_event_does_not_lose_its_neighbours(hook, engine, clock, sendgrid) -> None:
    strange = [
        17,
        {},
        {"event": None, "timestamp": "soon", "email": ["x"]},
        event("delivered", 5, timestamp=10**20, reason="\x00" + "x" * 10_000, category=[]),
        event("bounce", 6, email="  UPPER@X.example ", sg_message_id="m" * 500, message_id="n" * 500),
        event("delivered", 7, email="\ud800@x.example"),
        event("delivered", 8),
    ]
    assert hook.post(PATH, **sendgrid.request(strange, clock.now)).json() == {"stored": 7}
    assert len(stored(engine)) == 7
    assert stops(engine) == {"upper@x.example": "bounce"}


def test_a_replay_and_a_retry_with_another_event_id_change_nothing(hook, engine, clock, sendgrid) -> None:
    events = [event("delivered", 1), event("click", 1, url="https://x.example/a"), event("deferred", 1, attempt="1")]
    request = sendgrid.request(events, clock.now)
    for _ in range(3):
        assert hook.post(PATH, **request).status_code == 200
    again = [{**one, "sg_event_id": f"again-{number}"} for number, one in enumerate(events)]
    assert hook.post(PATH, **sendgrid.request(again, clock.now)).status_code == 200
    assert len(stored(engine)) == 3


def test_events_that_differ_in_mail_kind_time_link_or_try_are_all_kept(hook, engine, clock, sendgrid) -> None:
    events = [
        event("click", 1, url="https://x.example/a"),
        event("click", 1, url="https://x.example/b"),
        event("click", 1, url="https://x.example/a", timestamp=1772607999),
        event("open", 1),
        event("open", 2, timestamp=event("open", 1)["timestamp"]),
        event("deferred", 1, attempt="1"),
        event("deferred", 1, attempt="2"),
        {"event": "delivered", "email": "b@x.example", "timestamp": 1, "sg_event_id": "one"},
        {"event": "delivered", "email": "b@x.example", "timestamp": 1, "sg_event_id": "two"},
    ]
    hook.post(PATH, **sendgrid.request(events, clock.now))
    assert len(stored(engine)) == len(events)


def test_bounces_complaints_and_unsubscribes_stop_their_addressee(hook, engine, clock, sendgrid) -> None:
    events = [
        event("bounce", 1, type="bounce", reason="550 no such user"),
        event("bounce", 2, type="blocked", reason="mailbox full"),
        event("spamreport", 3),
        event("unsubscribe", 4),
        event("group_unsubscribe", 5),
        event("dropped", 6, reason="Bounced Address"),
        event("dropped", 7, reason="Spam Reporting Address"),
        event("dropped", 8, reason="Unsubscribed Address"),
        event("dropped", 9, reason="Invalid SMTPAPI header"),
        event("deferred", 10),
        event("delivered", 11),
        event("group_resubscribe", 5, timestamp=1772609999),
    ]
    hook.post(PATH, **sendgrid.request(events, clock.now))
    assert stops(engine) == {
        "a001@x.example": "bounce",
        "a003@x.example": "complaint",
        "a004@x.example": "unsubscribed",
        "a005@x.example": "unsubscribed",
        "a006@x.example": "bounce",
        "a007@x.example": "complaint",
        "a008@x.example": "unsubscribed",
    }


@pytest.mark.parametrize("late_first", [True, False])
def test_a_late_bounce_without_our_ids_finds_its_message(hook, engine, clock, sendgrid, late_first: bool) -> None:
    named = event("processed", 1)
    late = event("bounce", 1, timestamp=1772609999)
    for lost in ("message_id", "sg_message_id", "category"):
        del late[lost]
    stranger = {**late, "email": "other@x.example"}
    requests = [[late, stranger], [named]] if late_first else [[named], [late, stranger]]
    for events in requests:
        hook.post(PATH, **sendgrid.request(events, clock.now))
        wait_until_worked(engine)
    found = {(row.kind, row.email): row.message_id for row in stored(engine)}
    assert found == {
        ("processed", "a001@x.example"): f"{1:032x}",
        ("bounce", "a001@x.example"): f"{1:032x}",
        ("bounce", "other@x.example"): None,
    }


def test_the_order_of_events_does_not_matter(hook, engine, clock, sendgrid) -> None:
    kinds = ["processed", "delivered", "open", "spamreport"]
    events = [event(kind, number, timestamp=1772607600 + at) for number in range(20) for at, kind in enumerate(kinds)]
    random.Random(7).shuffle(events)  # noqa: S311 - an order, no secret
    for start in range(0, len(events), 9):
        hook.post(PATH, **sendgrid.request(events[start : start + 9], clock.now))
    assert stops(engine) == {f"a{number:03}@x.example": "complaint" for number in range(20)}
    assert len(stored(engine)) == 80


def test_many_senders_at_once_lose_nothing_while_another_process_writes(hook, engine, clock, sendgrid) -> None:
    requests = [
        sendgrid.request([event("open", 100 * one + two) for two in range(100)], clock.now) for one in range(40)
    ]
    answers: list[int] = []

    def tell(share: list) -> None:
        with httpx.Client(base_url=hook.base_url, timeout=60) as client:
            answers.extend(client.post(PATH, **request).status_code for request in share)

    threads = [threading.Thread(target=tell, args=(requests[at::8],)) for at in range(8)]
    if engine.dialect.name == "sqlite":  # somebody holds the only write lock for a while
        other = sqlite3.connect(str(engine.url.database), isolation_level=None, timeout=30)
        other.execute("begin immediate")
    for thread in threads:
        thread.start()
    if engine.dialect.name == "sqlite":
        time.sleep(1)
        other.execute("commit")
        other.close()
    for thread in threads:
        thread.join(60)
    assert answers == [200] * 40
    with reading(engine) as connection:
        assert connection.scalar(select(func.count()).select_from(mail_events)) == 4000
    wait_until_worked(engine)


def test_what_could_not_be_stored_is_asked_for_again(hook, engine, clock, sendgrid) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("alter table mail_events rename to away")
    request = sendgrid.request([event("spamreport", 1)], clock.now)
    assert hook.post(PATH, **request).status_code == 503
    with engine.begin() as connection:
        connection.exec_driver_sql("alter table away rename to mail_events")
    assert hook.post(PATH, **request).status_code == 200
    assert stops(engine) == {"a001@x.example": "complaint"}


def test_events_of_a_server_that_died_are_worked_by_the_next(tmp_path, engine, clock, sendgrid, hook) -> None:
    hook.post(PATH, **sendgrid.request([event("spamreport", 1)], clock.now))
    wait_until_worked(engine)
    with engine.begin() as connection:  # as if it had died before anything followed
        connection.execute(mail_events.update().values(worked_at=None))
        connection.execute(suppressions.delete())
    with running(web_company(tmp_path), engine, clock):
        assert stops(engine) == {"a001@x.example": "complaint"}


def test_a_body_without_end_is_not_read_to_the_end(hook, engine, clock, sendgrid) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(300):
            yield b" " * 100_000

    try:
        status = hook.post(PATH, content=endless()).status_code
    except httpx.TransportError:  # the server has closed while we were writing
        status = 413
    assert status == 413
    assert stored(engine) == []


def test_an_event_of_a_real_mail_is_known_by_the_ledgers_id(hook, settings, engine, clock, sendgrid) -> None:
    mail = delivered(settings)[0]
    told = event("bounce", 0, message_id=str(mail["X-Stillhere-Message-Id"]), type="bounce")
    hook.post(PATH, **sendgrid.request([told], clock.now))
    assert stops(engine) == {"a000@x.example": "bounce"}
    assert [row.message_id for row in stored(engine)] == [mail["X-Stillhere-Message-Id"]]


@pytest.mark.parametrize(
    ("kinds", "status"),
    [
        (["delivered"], "accepted"),
        (["processed"], "accepted"),
        (["dropped"], "refused"),
        (["processed", "dropped"], "accepted"),
    ],
)
def test_an_event_settles_a_message_that_was_in_doubt(
    hook, settings, engine, clock, sendgrid, kinds: list[str], status: str
) -> None:
    message = str(delivered(settings)[0]["X-Stillhere-Message-Id"])
    with engine.begin() as connection:
        connection.execute(ledger.update().values(status="unknown", detail="no answer"))
    told = [event(kind, 0, message_id=message) for kind in kinds]
    hook.post(PATH, **sendgrid.request(told, clock.now))
    wait_until_worked(engine)
    found = {row.message_id: (row.status, row.settled_by) for row in rows_of(engine)}
    assert found.pop(message) == (status, "webhook")
    assert {one for one, _ in found.values()} == {"unknown"}
