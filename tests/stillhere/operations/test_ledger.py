"""The ledger's rules, whatever order things happen in, on both databases."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from threading import Barrier

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, delete
from sqlalchemy.exc import DBAPIError

from stillhere.operations import hand_overs, writing
from stillhere.operations.batches import batches_to_call_back, call_back, open_batch_of, store_batch
from stillhere.operations.hand_overs import (
    Outcome,
    give_back,
    leave_in_doubt,
    one_at_a_time,
    put,
    settle,
    settle_doubt,
)
from stillhere.operations.ledger import (
    MAY_HAVE_LEFT,
    LedgerKey,
    LedgerRow,
    newest_live_day,
    rows_of,
    statuses,
    tonight,
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
STEPS = st.sampled_from(
    [
        *("try", "accepted", "refused", "unknown", "dropped", "die", "next night"),
        *("the log says it stayed", "the provider wants it later"),
    ]
)


def try_to_take(connection: Connection, row: LedgerRow, claim: str) -> bool:
    """What a sender does, without looking for stops."""
    one_at_a_time(connection)
    if statuses(connection, row.key.mode, [row.message_id]).get(row.message_id) in MAY_HAVE_LEFT:
        return False
    put(connection, [replace(row, status="handing_over", claim=claim, handed_over_at=NOW)])
    return True


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(steps=st.lists(STEPS, max_size=12))
def test_whatever_happens_a_message_that_may_have_left_is_never_handed_over_again(engine: Engine, steps) -> None:
    with writing(engine) as connection:
        connection.execute(delete(ledger))
    row, may_have_left, claim = ROW, False, ""
    for number, step in enumerate(steps):
        with writing(engine) as connection:
            if step == "next night":
                row = replace(row, as_of=row.as_of + timedelta(days=1))
            elif step == "try":
                taken = try_to_take(connection, row, f"c{number}")
                assert not (taken and (may_have_left or claim))
                claim = f"c{number}" if taken else claim
            elif step == "the log says it stayed":
                may_have_left = not settle_doubt(connection, ["m1"], "refused", "", "log", NOW) and may_have_left
            elif step == "die" and claim:
                assert leave_in_doubt(connection, "live", "smtp", NOW, may_repeat=False) == 1
                may_have_left, claim = True, ""
            elif step == "the provider wants it later" and claim:
                give_back(connection, claim, ["m1"], "later")
                claim = ""
            elif claim:
                settle(connection, claim, {"m1": Outcome(step)}, NOW)
                may_have_left, claim = step in MAY_HAVE_LEFT, ""
    assert len(rows_of(engine)) <= 1


def test_two_who_take_the_same_messages_at_the_same_moment_both_go_on(engine: Engine) -> None:
    rows = [replace(ROW, message_id=f"m{n}", key=replace(ROW.key, occasion=f"o{n}")) for n in range(100)]
    meet = Barrier(2)

    def take(row: LedgerRow, claim: str) -> bool:
        meet.wait(60)
        with writing(engine) as connection:
            return try_to_take(connection, row, claim)

    with ThreadPoolExecutor(2) as pool:
        first, second = (pool.submit(lambda who: [take(row, who) for row in rows], who) for who in "ab")
        assert [one + other for one, other in zip(first.result(), second.result(), strict=True)] == [1] * len(rows)


def test_a_preview_blocks_nothing(engine: Engine) -> None:
    preview = replace(ROW, key=replace(ROW.key, mode="preview"), status="accepted")
    tomorrow = replace(preview, as_of=DAY + timedelta(days=1))
    with writing(engine) as connection:
        put(connection, [preview])
        put(connection, [tomorrow])
        assert try_to_take(connection, ROW, "a")
    assert {(row.key.mode, row.as_of) for row in rows_of(engine)} == {("live", DAY), ("preview", tomorrow.as_of)}


def test_its_own_sender_may_still_settle_what_another_took_for_abandoned(engine: Engine) -> None:
    with writing(engine) as connection:
        assert try_to_take(connection, ROW, "a")
        assert leave_in_doubt(connection, "live", "smtp", NOW, may_repeat=False) == 1
        settle(connection, "a", {"m1": Outcome("accepted")}, NOW)
        assert leave_in_doubt(connection, "live", "smtp", NOW, may_repeat=False) == 0
    assert [row.status for row in rows_of(engine)] == ["accepted"]


def test_a_sender_that_wakes_up_late_changes_nothing_that_another_has_in_hand(engine: Engine) -> None:
    with writing(engine) as connection:
        assert try_to_take(connection, ROW, "sleeper")
        leave_in_doubt(connection, "live", "smtp", NOW, may_repeat=False)
        assert settle_doubt(connection, ["m1"], "refused", "the log has nothing of it", "log", NOW) == 1
        assert try_to_take(connection, ROW, "next")
        settle(connection, "sleeper", {"m1": Outcome("refused")}, NOW)
        give_back(connection, "sleeper", ["m1"], "later")
    assert [(row.status, row.claim) for row in rows_of(engine)] == [("handing_over", "next")]


def test_what_was_queued_in_a_batch_that_is_called_back_meanwhile_is_in_doubt(engine: Engine) -> None:
    soon = NOW + timedelta(minutes=30)
    in_hand = replace(ROW, status="handing_over", claim="a", batch_id="b1", send_at=soon)
    with writing(engine) as connection:
        store_batch(connection, "b1", DAY, "note", NOW)
        put(connection, [in_hand])
        assert [one.batch_id for one in batches_to_call_back(connection, "note", NOW)] == ["b1"]
        assert batches_to_call_back(connection, "other", NOW) == []
        call_back(connection, "b1", NOW)
        settle(connection, "a", {"m1": Outcome("accepted")}, NOW, "b1")
        assert batches_to_call_back(connection, None, NOW) == []
        assert open_batch_of(connection, DAY, "note") is None
    assert [row.status for row in rows_of(engine)] == ["unknown"]


def test_what_is_settled_at_the_moment_its_batch_is_called_back_is_in_doubt(engine: Engine) -> None:
    row = replace(ROW, status="handing_over", claim="a", batch_id="b1", send_at=NOW + timedelta(minutes=30))
    with writing(engine) as connection:
        store_batch(connection, "b1", DAY, "note", NOW)
        put(connection, [row])

    def call_it_back() -> int:
        with writing(engine) as connection:
            return call_back(connection, "b1", NOW)

    with ThreadPoolExecutor(1) as pool:
        with writing(engine) as connection:
            settle(connection, "a", {"m1": Outcome("accepted")}, NOW, "b1")
            calling = pool.submit(call_it_back)
            time.sleep(0.5)
            assert not calling.done()
        assert calling.result() == 1
    assert [row.status for row in rows_of(engine)] == ["unknown"]


@pytest.mark.parametrize(("status", "expected"), [("accepted", DAY), ("unknown", DAY), ("dropped", None)])
def test_a_night_counts_as_sent_when_something_may_have_left(engine: Engine, status, expected) -> None:
    assert newest_live_day(engine) is None
    with writing(engine) as connection:
        put(connection, [replace(ROW, status=status)])
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
        put(connection, [replace(ROW, status="accepted")])
        other = replace(replace(ROW, message_id="m2"), **changes)
        found = tonight(connection, other.as_of, [other.key.person], [other.account_id])
        assert found.has_other(other.message_id, other.key.person, other.account_id) is expected


def test_a_sender_that_stands_still_within_a_transaction_does_not_keep_the_others_waiting(
    engine: Engine, monkeypatch
) -> None:
    if engine.dialect.name != "postgresql":
        pytest.skip("SQLite's lock is the process's own: its writers give up after a while, and the next run goes on")
    monkeypatch.setattr(hand_overs, "FROZEN_SECONDS", 1)
    frozen = engine.connect()
    one_at_a_time(frozen)
    put(frozen, [replace(ROW, status="handing_over", claim="frozen")])
    with writing(engine) as connection:
        assert try_to_take(connection, ROW, "another")
    with pytest.raises(DBAPIError):
        frozen.commit()
    frozen.close()
    assert [row.claim for row in rows_of(engine)] == ["another"]
