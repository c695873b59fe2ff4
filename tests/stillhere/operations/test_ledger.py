"""The ledger's rules, whatever order things happen in, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from threading import Barrier

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete

from stillhere.operations import writing
from stillhere.operations.ledger import (
    MAY_HAVE_LEFT,
    LedgerKey,
    LedgerRow,
    begin_hand_over,
    has_other_tonight,
    left_in_hand,
    newest_live_day,
    reserve,
    rows_of,
    settle,
    settle_abandoned,
)
from stillhere.operations.tables import ledger

NOW = datetime(2026, 3, 4, 4, tzinfo=UTC)
DAY = date(2026, 3, 3)
ROW = LedgerRow(
    message_id="m1",
    key=LedgerKey("live", "note", "ada@x.example", "o1"),
    account_id="1",
    contact_id="c1",
    as_of=DAY,
    revision=1,
    status="reserved",
    sender="smtp",
    detail="",
    reserved_at=NOW,
)
STEPS = st.sampled_from(["try", "accepted", "refused", "unknown", "dropped", "die", "next night"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(steps=st.lists(STEPS, max_size=12))
def test_whatever_happens_a_message_that_may_have_left_is_never_handed_over_again(engine: Engine, steps) -> None:
    with writing(engine) as connection:
        connection.execute(delete(ledger))
    row, may_have_left, in_hand = ROW, False, False
    for step in steps:
        with writing(engine) as connection:
            if step == "next night":
                row = replace(row, as_of=row.as_of + timedelta(days=1))
            elif step == "try":
                status = reserve(connection, row)
                taken = status == "reserved" and begin_hand_over(connection, row.key, NOW)
                assert not (taken and (may_have_left or in_hand))
                in_hand = in_hand or taken
            elif in_hand and step != "die":
                settle(connection, row.key, step, NOW)
                may_have_left, in_hand = step in MAY_HAVE_LEFT, False
            elif in_hand:
                for left in left_in_hand(connection, "live"):
                    settle(connection, left.key, "unknown", NOW)
                may_have_left, in_hand = True, False
    assert len(rows_of(engine)) <= 1


def test_only_one_of_two_takes_a_message(engine: Engine) -> None:
    with writing(engine) as connection:
        reserve(connection, ROW)
        assert [begin_hand_over(connection, ROW.key, NOW) for _ in range(2)] == [True, False]


def test_two_who_reserve_the_same_messages_at_the_same_moment_both_go_on(engine: Engine) -> None:
    rows = [replace(ROW, message_id=f"m{n}", key=replace(ROW.key, occasion=f"o{n}")) for n in range(200)]
    meet = Barrier(2)

    def take(row: LedgerRow) -> bool:
        meet.wait(60)
        with writing(engine) as connection:
            return reserve(connection, row) == "reserved" and begin_hand_over(connection, row.key, NOW)

    with ThreadPoolExecutor(2) as pool:
        first, second = (pool.submit(lambda: [take(row) for row in rows]) for _ in range(2))
        assert [one + other for one, other in zip(first.result(), second.result(), strict=True)] == [1] * len(rows)


def test_a_preview_blocks_nothing(engine: Engine) -> None:
    preview = replace(ROW, key=replace(ROW.key, mode="preview"))
    with writing(engine) as connection:
        reserve(connection, preview)
        settle(connection, preview.key, "accepted", NOW)
        tomorrow = replace(preview, as_of=DAY + timedelta(days=1))
        assert reserve(connection, tomorrow) == "reserved"
        assert reserve(connection, ROW) == "reserved"
    assert {(row.key.mode, row.as_of) for row in rows_of(engine)} == {("live", DAY), ("preview", tomorrow.as_of)}


def test_what_its_own_sender_settled_stands_when_another_took_it_for_abandoned(engine: Engine) -> None:
    with writing(engine) as connection:
        reserve(connection, ROW)
        assert begin_hand_over(connection, ROW.key, NOW)
        [in_hand] = left_in_hand(connection, "live")
        settle(connection, ROW.key, "accepted", NOW)
        settle_abandoned(connection, in_hand.key, "unknown", NOW, "cut off")
    assert [row.status for row in rows_of(engine)] == ["accepted"]


@pytest.mark.parametrize(("status", "expected"), [("accepted", DAY), ("unknown", DAY), ("dropped", None)])
def test_a_night_counts_as_sent_when_something_may_have_left(engine: Engine, status, expected) -> None:
    assert newest_live_day(engine) is None
    with writing(engine) as connection:
        reserve(connection, ROW)
        settle(connection, ROW.key, status, NOW)
    assert newest_live_day(engine) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"account_id": "2"}, True),  # the same person, for another account
        ({"key": LedgerKey("live", "offer", "bob@x.example", "o2")}, True),  # another person of the account
        ({"account_id": "2", "key": LedgerKey("live", "offer", "bob@x.example", "o2")}, False),
        ({"as_of": DAY + timedelta(days=1)}, False),
        ({"message_id": "m1"}, False),  # itself
        ({"account_id": ""}, False),  # a notice to our own people
    ],
)
def test_one_message_a_person_and_account_a_night(engine: Engine, changes, expected) -> None:
    with writing(engine) as connection:
        reserve(connection, ROW)
        settle(connection, ROW.key, "accepted", NOW)
        other = replace(replace(ROW, message_id="m2"), **changes)
        assert has_other_tonight(connection, other) is expected
