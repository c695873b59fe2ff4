"""A company on a real operations database: SQLite, or PostgreSQL where a test is about concurrency and SQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from stillhere.operations import open_operations
from stillhere.settings import Settings
from tests.postgres import postgres_server, postgres_url
from tests.stillhere.sending.nights import company

__all__ = ["postgres_server", "postgres_url"]  # fixtures, used by name


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The company with the files sender."""
    return company(tmp_path)


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    """Its operations database, on SQLite."""
    opened = open_operations(settings.places.operations_url)
    yield opened
    opened.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def either_url(request: pytest.FixtureRequest, settings: Settings) -> str:
    """The URL of an empty operations database, once on each engine."""
    if request.param == "sqlite":
        return settings.places.operations_url
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def either(either_url: str) -> Iterator[Engine]:
    """An operations database, once on each engine."""
    opened = open_operations(either_url)
    yield opened
    opened.dispose()
