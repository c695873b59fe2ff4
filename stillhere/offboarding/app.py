"""The web app: its routes, and what all of them have in common."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException

from stillhere.offboarding.goodbye import goodbye_routes
from stillhere.offboarding.objecting import objecting_routes
from stillhere.offboarding.pages import link_does_not_work, try_again
from stillhere.offboarding.serving import Serving
from stillhere.offboarding.unsubscribe import unsubscribe_routes
from stillhere.offboarding.webhook import Webhook
from stillhere.operations import reading

log = logging.getLogger("stillhere.serve")


def build_app(serving: Serving) -> FastAPI:
    """The app of one company. It has no pages about itself: what is public is for customers and the mail provider."""
    webhook = Webhook(serving)

    @asynccontextmanager
    async def running(_app: FastAPI) -> AsyncIterator[None]:
        work = asyncio.create_task(webhook.work())
        yield
        work.cancel()
        with suppress(asyncio.CancelledError):
            await work

    app = FastAPI(title="Stillhere", openapi_url=None, docs_url=None, redoc_url=None, lifespan=running)
    app.include_router(unsubscribe_routes(serving))
    app.include_router(objecting_routes(serving))
    app.include_router(goodbye_routes(serving))
    app.include_router(webhook.routes())

    @app.get("/health")
    def health() -> JSONResponse:
        """For the proxy: whether the operations database answers."""
        with reading(serving.engine) as connection:
            connection.execute(text("select 1"))
        return JSONResponse({"operations": "ok"})

    @app.exception_handler(SQLAlchemyError)
    def not_stored(_request: Request, error: SQLAlchemyError) -> Response:
        # The error's own text may hold an address.
        log.error("the operations database did not answer: %s", type(error).__name__)
        return try_again(serving.settings.company)

    @app.exception_handler(HTTPException)
    def unknown(_request: Request, error: HTTPException) -> Response:
        if error.status_code == 404:
            return link_does_not_work(serving.settings.company)
        return JSONResponse({"detail": error.detail}, error.status_code, error.headers)

    return app
