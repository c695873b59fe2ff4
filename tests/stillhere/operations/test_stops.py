"""Stops, pauses and exits on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime

from sqlalchemy import Engine, func, select

from stillhere.operations import reading, writing
from stillhere.operations.runs import naive_utc
from stillhere.operations.stops import (
    EVERYTHING,
    Suppression,
    add_suppressions,
    has_imported,
    is_suppressed,
    left_since,
    pause,
    paused,
    paused_among,
    record_import,
    resume,
)
from stillhere.operations.tables import exits, suppression_imports

NOW = datetime(2026, 3, 4, 4, tzinfo=UTC)
ADA = Suppression("ada@x.example", "bounce", date(2026, 3, 3), "test")


def test_a_stop_is_stored_once_and_keeps_its_first_reason(engine: Engine) -> None:
    with writing(engine) as connection:
        assert add_suppressions(connection, [ADA, ADA]) == 1
        assert add_suppressions(connection, [Suppression(ADA.email, "complaint", ADA.since, "again")]) == 0
        assert is_suppressed(connection, ADA.email)
        assert not is_suppressed(connection, "bob@x.example")


def test_importing_the_same_file_twice_is_recorded_once(engine: Engine) -> None:
    assert not has_imported(engine)
    for _ in range(2):
        with writing(engine) as connection:
            record_import(connection, "file-1", "stops.csv", 3, NOW)
    with reading(engine) as connection:
        assert connection.scalar(select(func.count()).select_from(suppression_imports)) == 1
    assert has_imported(engine)


def test_pausing_everything_pauses_every_campaign(engine: Engine) -> None:
    pause(engine, "note", "wrong price", NOW)
    pause(engine, EVERYTHING, "restoring", NOW)
    pause(engine, EVERYTHING, "still restoring", NOW)
    with reading(engine) as connection:
        assert paused_among(connection, {"any"}) == {"any"}
    assert resume(engine, EVERYTHING)
    assert not resume(engine, EVERYTHING)
    with reading(engine) as connection:
        assert paused_among(connection, {"note", "any"}) == {"note"}
    assert [one.because for one in paused(engine)] == ["wrong price"]


def test_only_an_exit_that_the_decision_had_not_seen_stops_a_message(engine: Engine) -> None:
    asked = naive_utc(NOW)
    with writing(engine) as connection:
        connection.execute(exits.insert().values(account_id="1", requested_at=asked, outcome="undecided"))
        connection.execute(exits.insert().values(account_id="2", requested_at=asked, outcome="saved"))
        assert left_since(connection, {"1", "2", "3"}, frozenset()) == {"1"}
        assert left_since(connection, {"1", "2", "3"}, {("1", asked)}) == set()
