"""Real sources in a folder of their own, and a look at raw afterwards."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from stillhere.connectors import ConnectedSource
from stillhere.settings import Places, Source
from tests.postgres import postgres_server, postgres_url

__all__ = ["postgres_server", "postgres_url"]  # fixtures, used by name

NIGHT = datetime(2026, 6, 30, 4, tzinfo=UTC)

Connect = Callable[..., ConnectedSource]


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """State in a folder of its own."""
    return Places(root=tmp_path / "data")


@pytest.fixture
def connect(tmp_path: Path, places: Places) -> Connect:
    """A source as `sources.yml` would describe it; its folder is the test's."""

    def build(name: str = "crm", environment: dict[str, str] | None = None, **described: Any) -> ConnectedSource:
        described.setdefault("vendor", "demo")
        source = Source.model_validate(described)
        return ConnectedSource(name, source, tmp_path, places, environment or {})

    return build


@pytest.fixture
def raw(places: Places) -> Callable[[str], list[tuple[Any, ...]]]:
    """Asks raw a question."""

    def ask(query: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(places.raw_database), read_only=True) as connection:
            connection.execute("set timezone = 'UTC'")
            return connection.execute(query).fetchall()

    return ask


@pytest.fixture
def crm(tmp_path: Path) -> Path:
    """A small SQLite database with companies, their ISO time of change as a cursor, and owners without one."""
    path = tmp_path / "crm.sqlite"
    with sqlite3.connect(path) as db:
        db.executescript(
            """
            create table companies (id integer primary key, "Company Name" text, seats integer, updated_at text);
            create table owners (email text, team text);
            insert into companies values
                (1, 'Amber', 5, '2026-06-01T10:00:00+00:00'), (2, 'Birch', null, '2026-06-20T10:00:00+00:00'),
                (3, 'Cedar', 9, '2026-06-28T10:00:00+00:00');
            insert into owners values ('a@x.example', 'north'), ('b@x.example', 'south');
            """
        )
    return path


def change(path: Path, script: str) -> None:
    """Changes a SQLite database as its application would."""
    with sqlite3.connect(path) as db:
        db.executescript(script)
