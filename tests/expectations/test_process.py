"""The checking process: starts at once, says when it is gone, and never outlives the night."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from expectations.process import Checker, CheckerError
from tests.expectations.raw_world import raw_world


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that is dead but not collected by its parent counts as gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until_gone(pid: int, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.05)


def test_starting_returns_at_once_and_closing_ends_the_child() -> None:
    checker = Checker()
    started = time.monotonic()
    checker.start()
    assert time.monotonic() - started < 1
    assert checker.pid is not None
    pid = checker.pid
    checker.close()
    assert not is_alive(pid)
    checker.close()


def test_asking_costs_no_import_of_great_expectations() -> None:
    code = "import sys, expectations.process, expectations.quarantine; print('great_expectations' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_a_killed_child_is_a_clear_error(tmp_path: Path) -> None:
    world = raw_world(tmp_path)
    with Checker() as checker:
        assert checker.pid is not None
        os.kill(checker.pid, signal.SIGKILL)
        with pytest.raises(CheckerError, match=r"killed by signal 9.*nothing may be sent.*run the night again"):
            checker.check(world.request)


def test_a_child_killed_between_two_questions_is_a_clear_error_and_another_can_be_started(tmp_path: Path) -> None:
    world = raw_world(tmp_path)
    with Checker() as checker:
        assert checker.check(world.request).failed == ()
        assert checker.pid is not None
        os.kill(checker.pid, signal.SIGKILL)
        with pytest.raises(CheckerError, match="killed by signal 9"):
            checker.check(world.request)
        assert checker.check(world.request).failed == ()


def test_a_child_that_does_not_answer_in_time_is_ended(tmp_path: Path) -> None:
    world = raw_world(tmp_path)
    with Checker() as checker:
        checker.check(world.request)
        pid = checker.pid
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        with pytest.raises(CheckerError, match="did not answer hand-over raw within 1 s"):
            checker.check(world.request, timeout_seconds=1)
        assert not is_alive(pid)


@pytest.mark.parametrize("importing_for_seconds", [0.3, 9])
def test_a_killed_parent_takes_the_child_with_it(importing_for_seconds: float) -> None:
    code = (
        "from expectations.process import Checker; import time;"
        "c = Checker(); c.start(); print(c.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    time.sleep(importing_for_seconds)
    assert is_alive(child)
    parent.kill()
    parent.wait()
    wait_until_gone(child, 5)
    assert not is_alive(child)


def test_a_thread_that_ends_does_not_take_the_child_with_it(tmp_path: Path) -> None:
    code = (
        "import threading, time; from expectations.process import Checker; c = Checker();"
        "t = threading.Thread(target=c.start); t.start(); t.join(); time.sleep(3);"
        "print(c._child.poll()); c.close()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "None"


def test_nothing_is_written_outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home, here = tmp_path / "home", tmp_path / "here"
    home.mkdir()
    here.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(here)
    world = raw_world(tmp_path)
    with Checker() as checker:
        checker.check(world.request)
    assert list(home.rglob("*")) == []
    assert list(here.rglob("*")) == []
