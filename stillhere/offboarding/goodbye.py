"""Asking why: one question of a leaving customer, stored before the page says thanks.

The order of the answers differs from reader to reader, so that no reason gains by standing first; for
one reader it stays.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse
from sqlalchemy import Connection

from stillhere.mails.signed_links import read_token
from stillhere.offboarding.forms import FormError, read_form
from stillhere.offboarding.goodbye_words import GOODBYE_WORDS
from stillhere.offboarding.pages import filled, link_does_not_work, page
from stillhere.offboarding.serving import Serving
from stillhere.offboarding.words import language_of
from stillhere.operations import reading, writing
from stillhere.operations.exit_answers import ExitAnswer, has_answered, store_answer
from stillhere.operations.stop_requests import Recipient, recipient_of
from stillhere.settings import Settings
from stillhere.settings.goodbye import SOMETHING_ELSE, Goodbye

LONGEST_COMMENT = 4000
"""Characters; the page says so, and more is cut."""


@dataclass(frozen=True, slots=True)
class Leaver:
    """Who was asked, through which mail, and the language of that mail."""

    who: Recipient
    language: str
    token: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer as it is shown."""

    id: str
    words: str


@dataclass(frozen=True, slots=True)
class Given:
    """What a form said."""

    reason: str | None = None
    comment: str = ""
    may_quote: bool = False
    problem: str | None = None


def goodbye_routes(serving: Serving) -> APIRouter:
    """`/g/TOKEN`: the question, and its answer."""
    router = APIRouter()
    company = serving.settings.company

    @router.api_route("/g/{token}", methods=["GET", "HEAD"])
    def ask(token: str) -> HTMLResponse:
        leaver = leaver_of(serving, token)
        return _question(serving, leaver, Given()) if leaver else link_does_not_work(company)

    @router.post("/g/{token}")
    async def answer(token: str, request: Request) -> HTMLResponse:
        try:
            fields = await read_form(request)
        except FormError:
            return link_does_not_work(company)
        return await run_in_threadpool(_take, serving, token, fields)

    return router


def leaver_of(serving: Serving, token: str) -> Leaver | None:
    """Who a link was made for; None when it is not ours, has ended, or its mail was never handed over."""
    settings = serving.settings
    parts = read_token(settings.environment.web_keys, "goodbye", token)
    if parts is None or len(parts) != 3:
        return None
    language, message_id, until = parts
    if _has_ended(until, serving.clock().astimezone(settings.company.zone).date()):
        return None
    with reading(serving.engine) as connection:
        who = recipient_of(connection, message_id)
    return Leaver(who, language_of(language, settings.company.language), token) if who else None


def choices(goodbye: Goodbye, language: str, company_language: str, token: str) -> list[Choice]:
    """The answers in this reader's order, "something else" last."""
    shown = [
        Choice(one.id, next((one.words[name] for name in (language, company_language) if name in one.words), one.id))
        for one in goodbye.reasons
    ]
    shown.sort(key=lambda one: hashlib.sha256(f"{token}|{one.id}".encode()).digest())
    return [*shown, Choice(SOMETHING_ELSE, GOODBYE_WORDS[language]["something_else"])]


def store_given(connection: Connection, settings: Settings, leaver: Leaver, given: Given, now: datetime) -> None:
    """Keeps what a leaving customer said, and where the reason stood in the order that they saw."""
    listed = _choices_for(settings, leaver)
    answer = ExitAnswer(
        message_id=leaver.who.message_id,
        account_id=leaver.who.account_id,
        reason=given.reason,
        comment=given.comment,
        may_quote=given.may_quote and bool(given.comment),
        place=next((at for at, one in enumerate(listed, start=1) if one.id == given.reason), None),
        language=leaver.language,
    )
    store_answer(connection, answer, now)


def _take(serving: Serving, token: str, fields: Mapping[str, str]) -> HTMLResponse:
    leaver = leaver_of(serving, token)
    if leaver is None:
        return link_does_not_work(serving.settings.company)
    given = _given(fields, [one.id for one in _choices_for(serving.settings, leaver)])
    if given.problem:
        return _question(serving, leaver, given)
    with writing(serving.engine) as connection:
        store_given(connection, serving.settings, leaver, given, serving.clock())
    company = serving.settings.company
    words = filled(GOODBYE_WORDS[leaver.language], company)
    return page("thanks", company, leaver.language, words["thanks_title"], words=words, base=token)


def _given(fields: Mapping[str, str], known: list[str]) -> Given:
    comment = fields.get("comment", "").replace("\r\n", "\n").strip()[:LONGEST_COMMENT]
    may_quote = fields.get("may_quote") == "yes"
    # Words without a choice are not thrown away.
    reason = fields.get("reason") or (SOMETHING_ELSE if comment else None)
    if reason not in known:
        return Given(None, comment, may_quote, "choose_one")
    return Given(reason, comment, may_quote)


def _question(serving: Serving, leaver: Leaver, given: Given) -> HTMLResponse:
    company = serving.settings.company
    words = filled(GOODBYE_WORDS[leaver.language], company)
    with reading(serving.engine) as connection:
        answered = has_answered(connection, leaver.who.message_id)
    return page(
        "goodbye",
        company,
        leaver.language,
        # A page that was sent back says so first: a screen reader begins with the title.
        f"{words['problem_title']}: {words['title']}" if given.problem else words["title"],
        422 if given.problem else 200,
        words=words,
        heading=words["title"],
        choices=_choices_for(serving.settings, leaver),
        given=given,
        problem=words[given.problem] if given.problem else None,
        answered=answered,
        longest=LONGEST_COMMENT,
        base=leaver.token,
    )


def _choices_for(settings: Settings, leaver: Leaver) -> list[Choice]:
    return choices(settings.goodbye, leaver.language, settings.company.language, leaver.token)


def _has_ended(until: str, today: date) -> bool:
    try:
        return today > datetime.strptime(until, "%Y%m%d").date()  # noqa: DTZ007 - a day, no moment
    except ValueError:
        return True
