"""A night killed at any of its steps: the next run for the same date finishes the work, and nothing is sent twice."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections import Counter

import pytest

from tests.e2e.household import Household, digests

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="what a killed night leaves behind is read in /proc")

PLACES = (
    "start",
    "extract",
    "check sources",
    "transform",
    "check features",
    "score",
    "decide",
    "send",
    "lists",
    "report",
    "publish",
)
GONE_SECONDS = 30  # a child sees its pipe end at once; a busy machine takes its time


def kill_at(home: Household, place: str, *, group: bool) -> bool:
    """Starts a live night and kills it when it says that it begins `place`; whether it was caught alive."""
    night = home.start("nightly", "--send")
    assert night.stdout is not None
    for line in night.stdout:
        if line.startswith(f"{place} …"):
            break
    alive = night.poll() is None
    if alive:
        (os.killpg if group else os.kill)(night.pid, signal.SIGKILL)
    night.wait(timeout=GONE_SECONDS)
    night.stdout.close()
    return alive


def nobody_is_left(home: Household) -> bool:
    deadline = time.monotonic() + GONE_SECONDS
    while time.monotonic() < deadline:
        if not home.processes():
            return True
        time.sleep(0.2)
    return False


def test_a_night_killed_at_every_step_is_finished_by_the_next_run_and_sends_nothing_twice(
    demo_company: Household, live_night: Household
) -> None:
    home = demo_company
    home.extra.clear()  # a Prefect server of its own each time: none may be left behind
    for number, place in enumerate(PLACES):
        assert kill_at(home, place, group=number % 2 == 1), f"the night was over before it reached {place}"
        assert nobody_is_left(home), f"processes are left after a kill at {place}: {home.processes()}"
    home.run("nightly", "--send")

    assert nobody_is_left(home)
    accepted = home.rows("select message_id, status from ledger where mode = 'live'")
    assert Counter(status for _, status in accepted) == {"accepted": len(accepted)}
    assert sorted(accepted) == sorted(live_night.rows("select message_id, status from ledger where mode = 'live'"))
    mails = [file.stem for file in (home.out / "mail").glob("*.eml")]
    assert sorted(mails) == sorted(message for message, _ in accepted)
    assert digests(home.out / "lists") == digests(live_night.out / "lists")
    same = home.state / "published" / "decisions.parquet"
    assert same.read_bytes() == (live_night.state / "published" / "decisions.parquet").read_bytes()
