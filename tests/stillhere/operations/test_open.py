"""The operations database is made by whoever works with it, and by nobody who only looks."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from stillhere.operations.open import open_if_there, open_operations
from stillhere.operations.stops import pause, paused


def test_looking_makes_no_database(tmp_path: Path) -> None:
    assert paused(open_if_there(f"sqlite:///{tmp_path}/state/operations.sqlite")) == []
    assert list(tmp_path.iterdir()) == []


def test_looking_sees_the_database_that_is_there(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/operations.sqlite"
    pause(open_operations(url), "slipping_note", "wrong words", datetime(2026, 3, 4, tzinfo=UTC))
    assert [one.subject for one in paused(open_if_there(url))] == ["slipping_note"]
