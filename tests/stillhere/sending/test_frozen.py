"""Senders frozen in the midst of their work, as by a closed laptop or a paused machine, while others go on."""

from __future__ import annotations

import os
import signal
import time
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from stillhere.operations.ledger import counts, rows_of
from stillhere.sending.reconcile import LOG_MAY_LAG, reconcile
from stillhere.sending.sendgrid_client import SendGridClient
from stillhere.sending.sendgrid_log import SendGridLog
from tests.stillhere.sending.test_chaos import (
    AS_OF,
    MOST_REQUESTS_A_LIFE,
    World,
    doubts_of,
    dropped_in,
    ended,
    kill,
    nobody_twice,
    outbox,
    settle_all,
    stop,
    world,
)

FREEZES = 25
BLOCKED_SECONDS = 1.0
"""A sender frozen in the midst of a write keeps others from writing; nobody waits longer for one here."""

pytestmark = pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="freezing by pidfd is Linux's")


def freeze(sender: int) -> None:
    signal.pidfd_send_signal(sender, signal.SIGSTOP)
    until_frozen(sender)


def thaw(sender: int) -> None:
    signal.pidfd_send_signal(sender, signal.SIGCONT)


def until_frozen(sender: int) -> None:
    info = Path(f"/proc/self/fdinfo/{sender}").read_text().splitlines()
    pid = next(line.split()[1] for line in info if line.startswith("Pid:"))
    for _ in range(3_000):
        if pid == "-1" or Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T":
            return
        time.sleep(0.01)
    raise AssertionError("the sender did not freeze")


def work(made: World, sender: int, requests: int, seconds: float = 10.0) -> int:
    """Lets a sender work for some requests, or until it ends or the time is over; gives how many were made."""
    before, until = len(made.server.sends), time.monotonic() + seconds
    while len(made.server.sends) < before + requests and time.monotonic() < until and not ended(sender, 0.001):
        """It works."""
    return len(made.server.sends) - before


def test_senders_frozen_while_another_works_send_nothing_twice_and_lose_nothing(tmp_path, either, either_url) -> None:
    rows = outbox(tmp_path / "outbox.parquet")
    stopped = stop(either, range(100))
    with world(tmp_path, either_url, seed=3) as made:
        frozen = meanwhile = 0
        while frozen < FREEZES:
            first = made.start()
            work(made, first, made.rng.randrange(MOST_REQUESTS_A_LIFE))
            time.sleep(made.rng.random() * 0.02)
            if ended(first, 0):
                kill(first)
                continue
            freeze(first)
            frozen += 1
            second = made.start()
            meanwhile += work(made, second, made.rng.randrange(1, MOST_REQUESTS_A_LIFE), BLOCKED_SECONDS)
            thaw(first)
            work(made, first, made.rng.randrange(1, MOST_REQUESTS_A_LIFE))
            kill(second)
            kill(first)
            left = counts(either, AS_OF, "live")
            assert left.get("accepted", 0) < len(rows) * 0.95, f"too few messages for {frozen} freezes"
        assert meanwhile >= 5, "others did next to nothing meanwhile: this test proves nothing"
        made.calm = True
        time.sleep(0.5)  # the server may be working on the last request of a dead sender
        made.finish()
        nobody_twice(made.server)
        settle_all(made, either)
        made.finish()
        nobody_twice(made.server)
        emails = dict(rows.select("message_id", "email").iter_rows())
        dropped = dropped_in(either)
        assert {emails[one] for one in dropped} <= stopped
        assert set(made.server.message_ids) == set(emails) - dropped
        assert doubts_of(either) == []


@pytest.mark.parametrize("cleared", [True, False])
def test_a_sender_that_wakes_hands_over_nothing_that_another_has_taken_since(
    tmp_path, either: Engine, either_url: str, cleared: bool
) -> None:
    rows = outbox(tmp_path / "outbox.parquet", many=60)
    with world(tmp_path, either_url, seed=4) as made:
        made.calm = True
        sleeper = made.start(freezes=True)
        until_frozen(sleeper)
        in_hand = {row.message_id for row in rows_of(either) if row.status == "handing_over"}
        assert len(in_hand) == 4
        made.finish()
        assert {row.message_id for row in doubts_of(either)} == in_hand
        if cleared:
            log_clears(made, either, in_hand)
            made.finish()
            assert in_hand <= set(made.server.message_ids)
        thaw(sleeper)
        assert ended(sleeper, 60)
        os.close(sleeper)
        made.finish()
        nobody_twice(made.server)
        assert set(made.server.message_ids) == set(rows["message_id"])
        assert counts(either, AS_OF, "live") == {"accepted": rows.height}


def log_clears(made: World, engine: Engine, message_ids: set[str]) -> None:
    """The provider's log has nothing of these, for as long as it takes to be sure."""
    log = SendGridLog(SendGridClient("SG.test", made.server.url))
    reconcile(engine, log, made.now)
    made.now += LOG_MAY_LAG + timedelta(hours=1)
    assert reconcile(engine, log, made.now).stayed == len(message_ids)
