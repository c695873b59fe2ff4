"""Objecting to profiling, from the link of any mail: GET changes nothing, a POST is stored before it is answered."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from stillhere.offboarding.pages import filled, page
from stillhere.offboarding.serving import Serving
from stillhere.offboarding.unsubscribe import Reader, for_reader
from stillhere.offboarding.words import STOP_WORDS
from stillhere.operations import reading, writing
from stillhere.operations.peace import objected_among
from stillhere.operations.stop_requests import may_take_back_objection, object_to_profiling, take_back_objection


def objecting_routes(serving: Serving) -> APIRouter:
    """`/u/TOKEN/profiling` and what its page offers. Every change is stored before it is answered."""
    router = APIRouter()

    @router.api_route("/u/{token}/profiling", methods=["GET", "HEAD"])
    def show(token: str) -> HTMLResponse:
        return for_reader(serving, token, lambda reader: _state(serving, reader))

    @router.post("/u/{token}/profiling")
    def take_objection(token: str) -> HTMLResponse:
        def answer(reader: Reader) -> HTMLResponse:
            with writing(serving.engine) as connection:
                object_to_profiling(connection, reader.who, serving.clock(), serving.settings.company.zone)
            return _state(serving, reader, "objected")

        return for_reader(serving, token, answer)

    @router.post("/u/{token}/profiling/again")
    def undo(token: str) -> HTMLResponse:
        def answer(reader: Reader) -> HTMLResponse:
            with writing(serving.engine) as connection:
                undone = take_back_objection(connection, reader.who, serving.clock())
            return _state(serving, reader, "withdrawn" if undone else None, base="../profiling")

        return for_reader(serving, token, answer)

    return router


def _state(serving: Serving, reader: Reader, notice: str | None = None, *, base: str = "profiling") -> HTMLResponse:
    """The page as things stand. `base` leads from the present address to the page's."""
    company = serving.settings.company
    words = filled(STOP_WORDS[reader.language], company, reader.who.email)
    with reading(serving.engine) as connection:
        has_objected = reader.who.email in objected_among(connection, [reader.who.email])
        may_undo = has_objected and may_take_back_objection(connection, reader.who, serving.clock())
    return page(
        "profiling",
        company,
        reader.language,
        words["title"],
        words=words,
        notice=words[notice] if notice else None,
        has_objected=has_objected,
        may_undo=may_undo,
        base=base,
    )
