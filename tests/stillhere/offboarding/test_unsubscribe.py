"""Unsubscribing, over a real server: GET changes nothing, POST stops before it answers, an undo is deliberate."""

from __future__ import annotations

import re
from datetime import date, timedelta

import httpx
from sqlalchemy import Engine, select

from stillhere.mails.signed_links import signed_token
from stillhere.operations import reading, writing
from stillhere.operations.stops import Suppression, add_suppressions, is_suppressed
from stillhere.operations.tables import stop_requests, suppressions
from stillhere.settings import Settings
from tests.stillhere.campaigns.world import TUESDAY_NIGHT
from tests.stillhere.offboarding.web import KEY, Clock, delivered, running, stop_path, web_company
from tests.stillhere.sending.nights import MORNING, seal_night, send

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def stopped(engine: Engine) -> dict[str, str]:
    with reading(engine) as connection:
        return {row.email: row.reason for row in connection.execute(select(suppressions))}


def test_one_click_stops_the_person_before_it_answers(web: httpx.Client, settings: Settings, engine: Engine) -> None:
    mail = delivered(settings)[0]
    answer = web.post(stop_path(mail), data=ONE_CLICK, follow_redirects=False)
    assert answer.status_code == 200
    assert stopped(engine) == {"a000@x.example": "unsubscribed"}
    with reading(engine) as connection:
        [request] = connection.execute(select(stop_requests)).all()
    assert (request.email, request.asked, request.message_id) == (
        "a000@x.example",
        "unsubscribed",
        mail["X-Stillhere-Message-Id"],
    )


def test_one_click_works_as_a_form_with_parts_too(web: httpx.Client, settings: Settings, engine: Engine) -> None:
    parts = {"List-Unsubscribe": (None, "One-Click")}
    assert web.post(stop_path(delivered(settings)[1]), files=parts).status_code == 200
    assert set(stopped(engine)) == {"a001@x.example"}


def test_opening_the_link_changes_nothing(web: httpx.Client, settings: Settings, engine: Engine) -> None:
    path = stop_path(delivered(settings)[0])
    assert web.head(path).status_code == 200
    page = web.get(path)
    assert page.status_code == 200
    assert stopped(engine) == {}
    assert "<script" not in page.text
    [action] = re.findall(r'<form method="post" action="([^"]+)"', page.text)
    after = web.post(str(httpx.URL(str(page.url)).join(action)))
    assert "You get no more mails from Tiny" in after.text
    assert set(stopped(engine)) == {"a000@x.example"}


def test_a_page_shows_no_whole_address_and_no_customer_id(web: httpx.Client, settings: Settings) -> None:
    path = stop_path(delivered(settings)[0])
    page = web.get(path).text
    assert "a…@x.example" in page
    for secret in ("a000@x.example", "c-a000", "a000"):
        assert secret not in page.replace(path, "")
        assert secret not in path


def test_pages_are_closed_to_scripts_frames_and_caches(web: httpx.Client, settings: Settings) -> None:
    headers = web.get(stop_path(delivered(settings)[0])).headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"


def test_stopping_twice_is_stopping_once(web: httpx.Client, settings: Settings, engine: Engine) -> None:
    path = stop_path(delivered(settings)[0])
    assert [web.post(path, data=ONE_CLICK).status_code for _ in range(2)] == [200, 200]
    assert set(stopped(engine)) == {"a000@x.example"}


def test_an_undo_is_a_post_of_its_own(web: httpx.Client, settings: Settings, engine: Engine) -> None:
    path = stop_path(delivered(settings)[0])
    page = web.post(path)
    [action] = re.findall(r'action="([^"]+/again)"', page.text)
    again = httpx.URL(str(page.url)).join(action)
    assert web.get(str(again)).status_code == 405
    assert set(stopped(engine)) == {"a000@x.example"}
    undone = web.post(str(again))
    assert "You get mails from Tiny" in undone.text
    assert stopped(engine) == {}
    [action] = re.findall(r'<form method="post" action="([^"]+)"', undone.text)
    web.post(str(httpx.URL(str(undone.url)).join(action)))
    assert set(stopped(engine)) == {"a000@x.example"}


def test_an_undo_ends_after_a_day(web: httpx.Client, settings: Settings, engine: Engine, clock: Clock) -> None:
    path = stop_path(delivered(settings)[0])
    web.post(path)
    clock.now += timedelta(hours=25)
    assert "/again" not in web.get(path).text
    web.post(f"{path}/again")
    assert set(stopped(engine)) == {"a000@x.example"}


def test_no_link_undoes_a_bounce_or_a_stop_from_elsewhere(
    web: httpx.Client, settings: Settings, engine: Engine
) -> None:
    with writing(engine) as connection:
        add_suppressions(connection, [Suppression("a000@x.example", "bounce", date(2026, 3, 1), "import")])
    path = stop_path(delivered(settings)[0])
    web.post(path)
    web.post(f"{path}/again")
    assert stopped(engine) == {"a000@x.example": "bounce"}


def test_a_forged_link_gets_a_plain_page_and_changes_nothing(
    web: httpx.Client, settings: Settings, engine: Engine
) -> None:
    mails = delivered(settings)
    path, other = stop_path(mails[0]), str(mails[1]["X-Stillhere-Message-Id"])
    message = str(mails[0]["X-Stillhere-Message-Id"])
    forged = [
        path[:-1],
        path.replace(message, other),
        f"/u/{message}",
        "/u/x",
        "/u/" + signed_token([b"s" * 32], "stop", "en", message),
        "/u/" + signed_token([KEY.encode()], "goodbye", "en", message),
        "/u/" + signed_token([KEY.encode()], "stop", "en", "0" * 32),  # no such message
        "/u/" + signed_token([KEY.encode()], "stop", message),
    ]
    for wrong in forged:
        for answer in (web.get(wrong), web.post(wrong, data=ONE_CLICK), web.post(f"{wrong}/again")):
            assert answer.status_code == 404
            assert "care@tiny.example" in answer.text
    assert stopped(engine) == {}


def test_a_link_of_a_preview_stops_nobody(tmp_path, settings: Settings, engine: Engine, clock: Clock) -> None:
    other = web_company(tmp_path / "other")
    with running(other, engine, clock) as client:
        later = TUESDAY_NIGHT + timedelta(days=1)
        with reading(engine) as connection:
            before = is_suppressed(connection, "a000@x.example")
        decisions = seal_night(settings, engine, later, many=4)
        send(settings, engine, later, live=False)
        fresh = decisions.filter(decisions["account_id"] == "a003")["message_id"][0]
        answer = client.post("/u/" + signed_token([KEY.encode()], "stop", "en", fresh), data=ONE_CLICK)
    assert (before, answer.status_code) == (False, 404)
    assert stopped(engine) == {}


def test_the_page_speaks_the_mails_language(web: httpx.Client, settings: Settings) -> None:
    message = str(delivered(settings)[0]["X-Stillhere-Message-Id"])
    german = web.get("/u/" + signed_token([KEY.encode()], "stop", "de", message))
    assert '<html lang="de">' in german.text
    assert "keine Mails von Tiny" in german.text
    assert '<html lang="en">' in web.get("/u/" + signed_token([KEY.encode()], "stop", "fr", message)).text


def test_links_of_an_old_key_are_read_with_the_new_one_first(
    tmp_path, settings: Settings, engine: Engine, clock: Clock
) -> None:
    path = stop_path(delivered(settings)[0])
    turned = web_company(tmp_path, {"STILLHERE_WEB_KEY": f"{'n' * 32},{KEY}"})
    with running(turned, engine, clock) as client:
        assert client.post(path, data=ONE_CLICK).status_code == 200
    assert set(stopped(engine)) == {"a000@x.example"}


def test_a_stop_reaches_what_is_decided_already(web: httpx.Client, settings: Settings, engine: Engine) -> None:
    later = TUESDAY_NIGHT + timedelta(days=14)
    decisions = seal_night(settings, engine, later, codes=["payment_failing"])
    assert decisions.filter(decisions["outcome"] == "send").height == 3
    web.post(stop_path(delivered(settings)[0]), data=ONE_CLICK)
    result = send(settings, engine, later, wall_now=MORNING + timedelta(days=14))
    assert result.handed_over == 2
    assert sum(result.dropped.values()) == 1


def test_a_database_that_is_busy_is_said_so_and_asks_to_try_again(
    web: httpx.Client, settings: Settings, engine: Engine
) -> None:
    path = stop_path(delivered(settings)[0])
    with writing(engine) as connection:
        connection.exec_driver_sql("alter table stop_requests rename to gone")
    answer = web.post(path, data=ONE_CLICK)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "60"
    assert stopped(engine) == {}
    assert web.get("/health").json() == {"operations": "ok"}
