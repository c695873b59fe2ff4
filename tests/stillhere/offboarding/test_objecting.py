"""Objecting to profiling from a mail's link, over a real server: GET changes nothing, and an undo is short."""

from __future__ import annotations

import re
from datetime import timedelta

import httpx
from sqlalchemy import Engine, select

from stillhere.operations import reading
from stillhere.operations.tables import objections, stop_requests, suppressions
from stillhere.settings import Settings
from tests.stillhere.offboarding.web import Clock, delivered, stop_path


def objected(engine: Engine) -> set[str]:
    with reading(engine) as connection:
        return set(connection.scalars(select(objections.c.subject)))


def press(web: httpx.Client, page: httpx.Response) -> httpx.Response:
    [action] = re.findall(r'<form method="post" action="([^"]+)"', page.text)
    return web.post(str(page.url.join(action)))


def follow(web: httpx.Client, page: httpx.Response) -> httpx.Response:
    [link] = re.findall(r'<a href="([^"]+/profiling)"', page.text)
    return web.get(str(page.url.join(link)))


def test_the_page_of_a_mail_leads_to_an_objection_that_is_stored_before_it_answers(
    web: httpx.Client, settings: Settings, engine: Engine
) -> None:
    page = follow(web, web.get(stop_path(delivered(settings)[0])))
    assert page.status_code == 200
    assert objected(engine) == set()
    assert "<script" not in page.text
    after = press(web, page)
    assert "Your objection is noted" in after.text
    assert objected(engine) == {"a000@x.example"}
    with reading(engine) as connection:
        assert connection.scalars(select(stop_requests.c.asked)).all() == ["objected"]
        assert connection.execute(select(suppressions)).all() == []


def test_a_slip_is_undone_within_a_day_and_not_later(
    web: httpx.Client, settings: Settings, engine: Engine, clock: Clock
) -> None:
    path = f"{stop_path(delivered(settings)[0])}/profiling"
    web.post(path)
    after = press(web, web.get(path))
    assert "taken back" in after.text
    assert objected(engine) == set()
    assert objected_again(web, after) == "Your objection is noted"
    assert objected(engine) == {"a000@x.example"}
    clock.now += timedelta(hours=25)
    assert "<form" not in web.get(path).text
    web.post(f"{path}/again")
    assert objected(engine) == {"a000@x.example"}


def objected_again(web: httpx.Client, page: httpx.Response) -> str:
    return "Your objection is noted" if "Your objection is noted" in press(web, page).text else page.text


def test_after_a_stop_and_its_undo_the_way_to_object_is_still_right(web: httpx.Client, settings: Settings) -> None:
    path = stop_path(delivered(settings)[0])
    web.post(path)
    undone = web.post(f"{path}/again")
    assert follow(web, undone).status_code == 200


def test_a_forged_link_objects_for_nobody(web: httpx.Client, settings: Settings, engine: Engine) -> None:
    path = stop_path(delivered(settings)[0])
    assert web.post(f"{path[:-2]}xx/profiling").status_code == 404
    assert web.get("/u/forged/profiling").status_code == 404
    assert objected(engine) == set()
