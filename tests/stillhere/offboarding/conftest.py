"""A company with our own pages, a live night that was handed over, and its web server on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Engine

from stillhere.operations import open_operations
from stillhere.settings import Settings
from tests.postgres import postgres_server, postgres_url
from tests.stillhere.offboarding.web import Clock, running, web_company
from tests.stillhere.sending.nights import seal_night, send

__all__ = ["postgres_server", "postgres_url"]  # fixtures, used by name


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The company, whose mails link to its own pages."""
    return web_company(tmp_path)


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, settings: Settings) -> Iterator[Engine]:
    """Its operations database after a live night of three mails, once on each engine."""
    url = settings.places.operations_url
    opened = open_operations(url if request.param == "sqlite" else str(request.getfixturevalue("postgres_url")))
    seal_night(settings, opened)
    assert send(settings, opened).handed_over == 3
    yield opened
    opened.dispose()


@pytest.fixture
def clock() -> Clock:
    """The server's clock, which a test may turn."""
    return Clock()


@pytest.fixture
def web(settings: Settings, engine: Engine, clock: Clock) -> Iterator[httpx.Client]:
    """A client of the running server."""
    with running(settings, engine, clock) as client:
        yield client
