"""Imported exits on both databases: a file twice changes nothing, a correction takes the old one's place."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Engine, select

from stillhere.operations import reading, writing
from stillhere.operations.exits import ImportedExit, store_exits, stored_exits, with_comments
from stillhere.operations.runs import naive_utc
from stillhere.operations.snapshot import read_snapshot
from stillhere.operations.tables import exits

NOW = datetime(2026, 9, 30, 4, tzinfo=UTC)
ASKED = naive_utc(datetime(2026, 8, 31, 22, tzinfo=UTC))
ADA = ImportedExit("a", ASKED, None, "price", "too dear", None, "left", "voluntary", may_quote=True)
BO = ImportedExit("b", ASKED, ASKED + timedelta(days=30), None, None, "half", "saved", None, may_quote=False)


def store(engine: Engine, *rows: ImportedExit) -> tuple[int, int, int]:
    with writing(engine) as connection:
        plan = store_exits(connection, rows, "exits.csv", NOW)
    return len(plan.new), len(plan.changed), plan.same


def stored(engine: Engine) -> list[ImportedExit]:
    with reading(engine) as connection:
        return stored_exits(connection, {"a", "b"})


def test_the_same_file_again_changes_nothing(engine: Engine) -> None:
    assert store(engine, ADA, BO) == (2, 0, 0)
    with reading(engine) as connection:
        before = connection.execute(select(exits)).all()
    assert store(engine, ADA, BO) == (0, 0, 2)
    with reading(engine) as connection:
        assert connection.execute(select(exits)).all() == before


def test_a_corrected_day_or_reason_takes_the_old_ones_place(engine: Engine) -> None:
    store(engine, ADA, BO)
    corrected = replace(ADA, requested_at=ASKED + timedelta(days=31), reason="faults", may_quote=False)
    assert store(engine, corrected, BO) == (0, 1, 1)
    assert stored(engine) == [corrected, BO]


def test_leaving_again_after_more_than_a_month_is_another_exit(engine: Engine) -> None:
    store(engine, ADA)
    again = replace(ADA, requested_at=ASKED + timedelta(days=32))
    assert store(engine, again) == (1, 0, 0)
    assert stored(engine) == [ADA, again]
    nearer = replace(ADA, requested_at=ASKED + timedelta(days=25), reason="support")
    assert store(engine, nearer) == (0, 1, 0)
    assert stored(engine) == [ADA, nearer]


def test_a_night_seals_reasons_and_not_the_words(engine: Engine) -> None:
    store(engine, ADA)
    sealed = read_snapshot(engine, date(2026, 9, 29))["exits"]
    assert [(row["account_id"], row["reason"], row["kind"]) for row in sealed] == [("a", "price", "voluntary")]
    assert not {"comment", "may_quote"} & set(sealed[0])
    assert [row["comment"] for row in with_comments(engine, sealed)] == ["too dear"]
