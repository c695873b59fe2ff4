"""Long lists of values and many rows, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Engine

from stillhere.operations import writing
from stillhere.operations.hand_overs import put
from stillhere.operations.ledger import LedgerKey, LedgerRow, rows_of, statuses
from stillhere.operations.stops import Suppression, add_suppressions, suppressed_among

ROW = LedgerRow(
    message_id="m",
    key=LedgerKey("live", "note", "ada@x.example", "o"),
    account_id="1",
    contact_id=None,
    as_of=date(2026, 3, 3),
    revision=2,
    status="handing_over",
    sender="smtp",
    detail='Zoë\'s "note" — 100 %, \\x :name ?',
    reserved_at=datetime(2026, 3, 4, 4, 0, 0, 123456, tzinfo=UTC),
    handed_over_at=datetime(2026, 3, 4, 4, tzinfo=UTC),
    send_at=datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC),
)


def test_a_list_of_values_may_be_longer_than_any_database_lets_a_statement_name(engine: Engine) -> None:
    asked = [f"p{number}@x.example" for number in range(70_000)]
    with writing(engine) as connection:
        add_suppressions(connection, [Suppression(asked[69_999], "bounce", date(2026, 3, 3), "log")])
        assert suppressed_among(connection, asked) == {asked[69_999]}
        assert suppressed_among(connection, []) == set()


@pytest.mark.parametrize("odd", ["o'brien@x.example", 'a"b@x.example', "zoë@x.example", "a\\b,{}@x.example", "a:b?%s"])
def test_a_value_in_a_list_is_found_as_it_is_whatever_it_holds(engine: Engine, odd: str) -> None:
    with writing(engine) as connection:
        add_suppressions(connection, [Suppression(odd, "person", date(2026, 3, 3), "person")])
        assert suppressed_among(connection, ["b@x.example", odd]) == {odd}


def test_what_is_written_in_one_go_is_read_back_as_it_was(engine: Engine) -> None:
    rows = [replace(ROW, message_id=f"m{at:04d}", key=replace(ROW.key, occasion=f"o{at}")) for at in range(1_200)]
    with writing(engine) as connection:
        put(connection, rows)
        assert set(statuses(connection, "live", [row.message_id for row in rows]).values()) == {"handing_over"}
    naive = {name: getattr(ROW, name).replace(tzinfo=None) for name in ("reserved_at", "handed_over_at", "send_at")}
    assert rows_of(engine) == [replace(row, **naive) for row in rows]
