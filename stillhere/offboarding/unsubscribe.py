"""Stopping mails: one click by POST (RFC 8058), and a plain page whose GET changes nothing: scanners follow links."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from stillhere.mails.signed_links import read_token
from stillhere.offboarding.pages import filled, link_does_not_work, page
from stillhere.offboarding.serving import Serving
from stillhere.offboarding.words import STOP_WORDS, language_of
from stillhere.operations import reading, writing
from stillhere.operations.stop_requests import Recipient, may_undo, recipient_of, stop, undo_stop
from stillhere.operations.stops import is_suppressed


@dataclass(frozen=True, slots=True)
class Reader:
    """Who opened a link, and the language of the mail it was in."""

    who: Recipient
    language: str


def unsubscribe_routes(serving: Serving) -> APIRouter:
    """`/u/TOKEN` and what its page offers. Every change is stored before it is answered."""
    router = APIRouter()

    @router.api_route("/u/{token}", methods=["GET", "HEAD"])
    def show(token: str) -> HTMLResponse:
        return for_reader(serving, token, lambda reader: _state(serving, reader, token))

    @router.post("/u/{token}")
    def stop_mails(token: str) -> HTMLResponse:
        # The body is not looked at: a mail program sends List-Unsubscribe=One-Click, our own button nothing.
        def answer(reader: Reader) -> HTMLResponse:
            with writing(serving.engine) as connection:
                stop(connection, reader.who, serving.clock(), serving.settings.company.zone)
            return _state(serving, reader, token, "stopped", base=token)

        return for_reader(serving, token, answer)

    @router.post("/u/{token}/again")
    def undo(token: str) -> HTMLResponse:
        def answer(reader: Reader) -> HTMLResponse:
            with writing(serving.engine) as connection:
                undone = undo_stop(connection, reader.who, serving.clock())
            return _state(serving, reader, token, "undone" if undone else None, base=f"../{token}")

        return for_reader(serving, token, answer)

    return router


def for_reader(serving: Serving, token: str, answer: Callable[[Reader], HTMLResponse]) -> HTMLResponse:
    """What a link's reader is answered; a link that is not ours gets the page that says so."""
    reader = reader_of(serving, token)
    return answer(reader) if reader else link_does_not_work(serving.settings.company)


def reader_of(serving: Serving, token: str) -> Reader | None:
    """Who a link was made for: the token is ours, and the ledger knows its message as one that was handed over live."""
    parts = read_token(serving.settings.environment.web_keys, "stop", token)
    if parts is None or len(parts) != 2:
        return None
    language, message_id = parts
    with reading(serving.engine) as connection:
        who = recipient_of(connection, message_id)
    return Reader(who, language_of(language, serving.settings.company.language)) if who else None


def _state(
    serving: Serving, reader: Reader, token: str, notice: str | None = None, *, base: str | None = None
) -> HTMLResponse:
    """The page as things stand, with what has just been done. `base` leads from the present address to the token's.

    Addresses are relative, so that a proxy may serve us below a path.
    """
    company = serving.settings.company
    words = filled(STOP_WORDS[reader.language], company, reader.who.email)
    with reading(serving.engine) as connection:
        stopped = is_suppressed(connection, reader.who.email)
        undoable = stopped and may_undo(connection, reader.who, serving.clock())
    return page(
        "stop",
        company,
        reader.language,
        words["title"],
        words=words,
        notice=words[notice] if notice else None,
        is_stopped=stopped,
        may_undo=undoable,
        base=base or token,
    )
