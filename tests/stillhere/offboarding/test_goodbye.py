"""The goodbye's one question, over a real server: who may answer, what is stored, and when."""

from __future__ import annotations

import re
from datetime import date, timedelta
from email import message_from_bytes
from email.policy import default

import httpx
import pytest
from sqlalchemy import Engine, select

from stillhere.mails.signed_links import signed_token
from stillhere.offboarding.goodbye import LONGEST_COMMENT, choices
from stillhere.operations import reading
from stillhere.operations.tables import exit_answers
from stillhere.settings import Settings
from stillhere.settings.goodbye import SOMETHING_ELSE, STOCK_REASONS, Goodbye
from tests.stillhere.campaigns.world import TUESDAY_NIGHT
from tests.stillhere.offboarding.web import KEY, WEB_URL, Clock, delivered, running, web_company
from tests.stillhere.sending.nights import seal_night, send


def link(settings: Settings, number: int = 0, language: str = "en", until: date = date(2026, 6, 1)) -> str:
    message = str(delivered(settings)[number]["X-Stillhere-Message-Id"])
    return "/g/" + signed_token([KEY.encode()], "goodbye", language, message, until.strftime("%Y%m%d"))


def answers(engine: Engine) -> list:
    with reading(engine) as connection:
        return list(connection.execute(select(exit_answers).order_by(exit_answers.c.account_id)))


def shown(page: str) -> list[str]:
    return re.findall(r'name="reason" value="([^"]+)"', page)


def test_an_answer_is_stored_before_the_page_says_thanks(
    web: httpx.Client, settings: Settings, engine: Engine, clock: Clock
) -> None:
    path = link(settings)
    order = shown(web.get(path).text)
    given = {"reason": "price", "comment": " Too dear.\r\nSorry. ", "may_quote": "yes"}
    thanks = web.post(path, data=given)
    assert thanks.status_code == 200
    assert "Your answer has arrived" in thanks.text
    [row] = answers(engine)
    assert (row.account_id, row.reason, row.comment, row.may_quote) == ("a000", "price", "Too dear.\nSorry.", True)
    assert row.place == order.index("price") + 1
    assert row.answered_at == clock.now.replace(tzinfo=None)


def test_asking_stores_nothing_and_speaks_the_mails_language(
    web: httpx.Client, settings: Settings, engine: Engine
) -> None:
    page = web.get(link(settings, language="de"))
    assert page.status_code == 200
    assert '<html lang="de">' in page.text
    assert "Etwas anderes" in page.text
    assert web.head(link(settings)).status_code == 200
    assert answers(engine) == []


def test_a_second_answer_takes_the_place_of_the_first(
    web: httpx.Client, settings: Settings, engine: Engine, clock: Clock
) -> None:
    path = link(settings)
    for _ in range(2):  # a double click
        web.post(path, data={"reason": "price"})
    first = clock.now
    clock.now += timedelta(days=1)
    assert "We have an answer of yours already" in web.get(path).text
    web.post(path, data={"reason": "missing", "comment": "An export."})
    [row] = answers(engine)
    assert (row.reason, row.comment, row.may_quote) == ("missing", "An export.", False)
    assert (row.answered_at, row.changed_at) == (first.replace(tzinfo=None), clock.now.replace(tzinfo=None))


def test_the_order_differs_from_reader_to_reader_and_stays_for_one(web: httpx.Client, settings: Settings) -> None:
    orders = [shown(web.get(link(settings, number)).text) for number in range(3)]
    assert shown(web.get(link(settings, 0)).text) == orders[0]
    assert len({tuple(order) for order in orders}) > 1
    assert {order[-1] for order in orders} == {SOMETHING_ELSE}


def test_no_reason_gains_by_standing_first() -> None:
    firsts = [choices(Goodbye(), "en", "en", f"token{number}")[0].id for number in range(4000)]
    fair = len(firsts) / len(STOCK_REASONS)
    for reason in STOCK_REASONS:
        assert abs(firsts.count(reason.id) - fair) < 5 * fair**0.5


def test_a_form_without_a_reason_comes_back_with_its_words(
    web: httpx.Client, settings: Settings, engine: Engine
) -> None:
    back = web.post(link(settings), data={"reason": "", "comment": "", "may_quote": "yes"})
    assert back.status_code == 422
    assert 'role="alert"' in back.text
    assert "<title>Not sent yet" in back.text
    unknown = web.post(link(settings), data={"reason": "bribe", "comment": "Kept <here> & now"})
    assert unknown.status_code == 422
    assert "Kept &lt;here&gt; &amp; now</textarea>" in unknown.text
    assert answers(engine) == []


def test_words_without_a_reason_are_something_else(web: httpx.Client, settings: Settings, engine: Engine) -> None:
    web.post(link(settings), data={"comment": "We are closing down."})
    [row] = answers(engine)
    assert (row.reason, row.comment) == (SOMETHING_ELSE, "We are closing down.")


def test_a_box_that_is_ticked_without_words_allows_no_quote(
    web: httpx.Client, settings: Settings, engine: Engine
) -> None:
    web.post(link(settings), data={"reason": "price", "may_quote": "yes"})
    assert [row.may_quote for row in answers(engine)] == [False]


def test_odd_and_long_texts_are_stored_whole_or_cut(web: httpx.Client, settings: Settings, engine: Engine) -> None:
    odd = "\x00\u202e𝕏 'drop' \\ %s {{ 7*7 }} " + "ü" * LONGEST_COMMENT
    web.post(link(settings), data={"reason": "price", "comment": odd})
    [row] = answers(engine)
    assert row.comment == odd.replace("\x00", "")[:LONGEST_COMMENT]


@pytest.mark.parametrize(
    "content",
    [b"reason=price&" * 50, b"comment=" + b"x" * 100_000, b"\xff\xfe%%%", b"", b"reason=price&" + b"a=1&" * 99],
)
def test_what_is_no_form_of_ours_stores_nothing(
    web: httpx.Client, settings: Settings, engine: Engine, content: bytes
) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert web.post(link(settings), content=content, headers=headers).status_code in (404, 422)
    parts = web.post(link(settings), files={"reason": (None, "price")})
    assert parts.status_code == 404
    assert answers(engine) == []


def test_a_forged_or_ended_link_gets_a_plain_page(
    web: httpx.Client, settings: Settings, engine: Engine, clock: Clock
) -> None:
    message = str(delivered(settings)[0]["X-Stillhere-Message-Id"])
    good = link(settings, until=clock.now.date())
    wrong = [
        good[:-1],
        good.replace(clock.now.strftime("%Y%m%d"), "20991231"),
        link(settings, until=clock.now.date() - timedelta(days=1)),
        "/g/" + signed_token([KEY.encode()], "stop", "en", message),
        "/g/" + signed_token([KEY.encode()], "goodbye", "en", message),
        "/g/" + signed_token([KEY.encode()], "goodbye", "en", message, "soon"),
        "/g/" + signed_token([KEY.encode()], "goodbye", "en", "0" * 32, "20991231"),
    ]
    for path in wrong:
        for answer in (web.get(path), web.post(path, data={"reason": "price"})):
            assert answer.status_code == 404
            assert "care@tiny.example" in answer.text
    assert answers(engine) == []
    assert web.get(good).status_code == 200


def test_the_companys_own_reasons_are_asked(tmp_path, engine: Engine, settings: Settings, clock: Clock) -> None:
    (settings.folder / "goodbye.yml").write_text(
        "reasons:\n- {id: moved, words: {en: We moved away}}\n- {id: rain, words: {en: It rains, de: Es regnet}}\n"
    )
    with running(web_company(tmp_path), engine, clock) as client:
        english, german = (client.get(link(settings, language=one)).text for one in ("en", "de"))
        assert client.post(link(settings), data={"reason": "price"}).status_code == 422
    assert sorted(shown(english)) == ["moved", "rain", SOMETHING_ELSE]
    assert "We moved away" in german  # the company's own language stands in
    assert "Es regnet" in german


def test_a_goodbye_mail_leads_to_its_question(tmp_path, settings: Settings, engine: Engine, clock: Clock) -> None:
    words = '---\nsubject: Thanks\nbutton: Why\nbutton_url: "{{ goodbye_url }}"\n---\nOne question.\n'
    (settings.folder / "campaigns" / "payment" / "en.md").write_text(words)
    changed = web_company(tmp_path)
    later = TUESDAY_NIGHT + timedelta(days=14)
    seal_night(changed, engine, later, codes=["payment_failing"], many=1)
    send(changed, engine, later, wall_now=clock.now + timedelta(days=14))
    [file] = (changed.places.out_folder(later) / "mail").glob("*.eml")
    text = message_from_bytes(file.read_bytes(), policy=default).get_body(("plain",)).get_content()
    found = re.search(rf"Why: {WEB_URL}(/g/\S+)", text)
    assert found
    with running(changed, engine, clock) as client:
        assert client.post(found[1], data={"reason": "price"}).status_code == 200
        clock.now += timedelta(days=14 + 91)
        assert client.get(found[1]).status_code == 404
    assert [row.account_id for row in answers(engine)] == ["a000"]
