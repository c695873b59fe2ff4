"""The address that SendGrid tells its events to: verified, stored, answered; worked afterwards."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from sqlalchemy.exc import SQLAlchemyError

from stillhere.offboarding.inbox import Inbox
from stillhere.offboarding.sendgrid_events import NoEventsError, read_events
from stillhere.offboarding.serving import Serving
from stillhere.offboarding.signature import SIGNATURE_HEADER, TIMESTAMP_HEADER, NoKeyError, read_keys, why_refused
from stillhere.operations import writing
from stillhere.operations.mail_events import MailEvent, store_events
from stillhere.sending.call_back import call_back_paused
from stillhere.sending.event_work import EVENTS_AT_ONCE, work_events

log = logging.getLogger("stillhere.serve")

LONGEST_BODY_BYTES = 16_000_000
"""A batch of SendGrid's is below 1 MB; whoever sends more is not read to the end."""
SECONDS_BETWEEN_LOOKS = 30
"""Events that another process stored, or that could not be worked, are looked for so often."""


class _NotTakenError(Exception):
    """A request that is answered with a status other than 200."""

    def __init__(self, status: int, words: str) -> None:
        self.status = status
        super().__init__(words)


class Webhook:
    """The routes, and the task that works what they store."""

    def __init__(self, serving: Serving) -> None:
        """Without a key in the settings every request is refused."""
        self._serving = serving
        self._inbox = Inbox(self._store)
        self._news = asyncio.Event()
        text = serving.settings.environment.sendgrid_webhook_key
        try:
            self._keys = read_keys(text) if text else ()
        except NoKeyError:  # `serve` has said so on start
            self._keys = ()

    def routes(self) -> APIRouter:
        """`POST /webhooks/sendgrid`."""
        router = APIRouter()

        @router.post("/webhooks/sendgrid")
        async def take(request: Request) -> JSONResponse:
            body = await _body(request)
            if body is None:
                return JSONResponse({"detail": f"more than {LONGEST_BODY_BYTES} bytes"}, 413)
            try:
                events = await asyncio.to_thread(self._read, request, body)
                await self._inbox.put(events)
            except _NotTakenError as error:
                log.warning("webhook: a request was not taken: %s", error)
                return JSONResponse({"detail": str(error)}, error.status)
            except SQLAlchemyError as error:
                log.error("webhook: %s; nothing of it is stored, SendGrid tries again", type(error).__name__)
                return JSONResponse({"detail": "not stored; try again"}, 503, {"Retry-After": "60"})
            self._news.set()
            return JSONResponse({"stored": len(events)})

        return router

    async def work(self) -> None:
        """Works stored events for as long as the server runs, those that were left by an earlier one included."""
        while True:
            try:
                worked = await asyncio.to_thread(self._work_some)
            except SQLAlchemyError as error:
                log.error("webhook: stored events could not be worked yet: %s", type(error).__name__)
                worked = 0
            if worked == 0:
                await self._wait()

    def _work_some(self) -> int:
        """Works some events; what waits at the provider for a campaign that stopped itself by them is called back."""
        settings, engine, now = self._serving.settings, self._serving.engine, self._serving.clock()
        worked = work_events(engine, settings.company.zone, now, at_most=EVENTS_AT_ONCE)
        if worked:
            for words in call_back_paused(settings, engine, now).failed:
                log.error("webhook: not called back, %s; 'stillhere pause' tries again", words)
        return worked

    async def _wait(self) -> None:
        self._news.clear()
        try:
            await asyncio.wait_for(self._news.wait(), SECONDS_BETWEEN_LOOKS)
        except TimeoutError:
            return

    def _read(self, request: Request, body: bytes) -> list[MailEvent]:
        """The events of a request that is SendGrid's. Raises _NotTakenError."""
        now = self._serving.clock()
        signature, timestamp = request.headers.get(SIGNATURE_HEADER), request.headers.get(TIMESTAMP_HEADER)
        max_age = self._serving.settings.environment.webhook_max_age_seconds
        refusal = why_refused(self._keys, signature, timestamp, body, now, max_age)
        if refusal:
            raise _NotTakenError(403, refusal)
        try:
            return read_events(body, now)
        except NoEventsError as error:
            raise _NotTakenError(400, str(error)) from error

    def _store(self, events: Sequence[MailEvent]) -> None:
        with writing(self._serving.engine) as connection:
            store_events(connection, events)


async def _body(request: Request) -> bytes | None:
    """The body as it came; None when it is too long."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > LONGEST_BODY_BYTES:
            return None
        parts.append(part)
    return b"".join(parts)
