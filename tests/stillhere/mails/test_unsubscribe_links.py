"""The way out of a mail: which link it carries, and that nobody can make one up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillhere.mails.content import unsubscribe_link
from stillhere.mails.mail import unsubscribe_headers
from stillhere.mails.signed_links import PART, read_token, signed_token
from stillhere.settings import Company, ConfigurationError, Settings
from stillhere.settings.company import Sender
from tests.stillhere.sending.nights import SENDER, company

OLD, NEW, STRANGE = b"o" * 32, b"n" * 32, b"s" * 32
MESSAGE = "0123456789abcdef0123456789abcdef"
parts = st.lists(st.from_regex(PART, fullmatch=True), min_size=1, max_size=3)


def loopwise(**sender: str) -> Company:
    return Company(id="loopwise", name="Loopwise", kind="contract", sender=Sender(**sender))


@given(parts)
def test_what_was_signed_is_read_back_and_only_for_its_page(words: list[str]) -> None:
    token = signed_token([NEW], "stop", *words)
    assert read_token([NEW], "stop", token) == tuple(words)
    assert read_token([NEW], "goodbye", token) is None
    assert read_token([STRANGE], "stop", token) is None
    assert read_token([], "stop", token) is None


@given(parts, st.integers(min_value=0), st.characters())
def test_a_token_changed_in_any_place_is_no_token(words: list[str], at: int, sign: str) -> None:
    token = signed_token([NEW], "stop", *words)
    place = at % len(token)
    changed = token[:place] + sign + token[place + 1 :]
    assert changed == token or read_token([NEW], "stop", changed) is None


@given(st.text())
def test_any_text_is_read_without_an_error(text: str) -> None:
    assert read_token([OLD, NEW], "stop", text) is None


def test_links_of_before_a_key_was_changed_still_work() -> None:
    before = signed_token([OLD], "stop", "en", MESSAGE)
    after = signed_token([NEW, OLD], "stop", "en", MESSAGE)
    assert before != after
    assert {read_token([NEW, OLD], "stop", token) for token in (before, after)} == {("en", MESSAGE)}
    assert read_token([NEW], "stop", before) is None


def test_our_own_page_goes_before_the_companys_and_before_a_mail() -> None:
    everything = loopwise(
        web_url="https://mail.loopwise.example/",
        unsubscribe_url="https://loopwise.example/stop?a=1",
        unsubscribe_email="stop@loopwise.example",
    )
    ours = unsubscribe_link(everything, MESSAGE, "de", [NEW])
    assert ours is not None
    assert ours == f"https://mail.loopwise.example/u/{signed_token([NEW], 'stop', 'de', MESSAGE)}"
    without_key = unsubscribe_link(everything, MESSAGE, "de")
    assert without_key == f"https://loopwise.example/stop?a=1&m={MESSAGE}"
    by_mail = loopwise(web_url="https://x.example", unsubscribe_email="stop@loopwise.example")
    assert unsubscribe_link(by_mail, MESSAGE, "en") == f"mailto:stop@loopwise.example?subject=unsubscribe%20{MESSAGE}"
    assert unsubscribe_link(loopwise(), MESSAGE, "en", [NEW]) is None


def test_a_mail_offers_one_click_where_it_links_to_a_page_and_a_mail_beside_it() -> None:
    named = loopwise(unsubscribe_email="stop@loopwise.example")
    row = {"message_id": MESSAGE, "stop_url": "https://mail.loopwise.example/u/t"}
    headers = unsubscribe_headers(named, row)
    assert headers["List-Unsubscribe"].startswith("<https://mail.loopwise.example/u/t>, <mailto:stop@loopwise.example")
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert unsubscribe_headers(loopwise(), row)["List-Unsubscribe"] == "<https://mail.loopwise.example/u/t>"


def test_a_mail_to_our_own_people_has_no_way_out_that_would_stop_a_customers_mails() -> None:
    assert unsubscribe_headers(loopwise(unsubscribe_email="stop@loopwise.example"), {"message_id": MESSAGE}) == {}


@pytest.mark.parametrize("keys", ["short", f"{'k' * 32},short", f"{'k' * 32},"])
def test_a_key_that_could_be_guessed_is_a_mistake_and_is_not_shown(tmp_path, keys: str) -> None:
    with pytest.raises(ConfigurationError, match="32 random characters") as caught:
        company(tmp_path, {"STILLHERE_WEB_KEY": keys})
    assert "STILLHERE_WEB_KEY" in str(caught.value)
    assert "short" not in str(caught.value)


def test_a_live_sender_says_that_the_key_or_a_safe_address_is_missing(tmp_path) -> None:
    from stillhere.sending.open_sender import missing_for_live

    def lacks(web_url: str, **environment: str) -> list[str]:
        folder = tmp_path / web_url[:5] / str(len(environment))
        settings: Settings = company(folder, environment, sender={**SENDER, "web_url": web_url})
        return [words.partition(":")[0] for words in missing_for_live(settings)]

    assert lacks("https://mail.x.example", STILLHERE_WEB_KEY="k" * 32) == []
    assert lacks("https://mail.x.example") == ["STILLHERE_WEB_KEY"]
    assert lacks("http://mail.x.example") == ["company.yml, sender.web_url", "STILLHERE_WEB_KEY"]
