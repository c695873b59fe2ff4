"""`stillhere demo` on bad days: killed, twice at once, during a night, with next to nobody, on a full disk."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from sqlalchemy import create_engine

from stillhere.commands.demo import DemoBusyError
from stillhere.demo.recipe import recipe_of
from stillhere.operations import NightHeldError, night_lock
from tests.stillhere.demo.conftest import REPOSITORY, tables_of
from tests.stillhere.demo.test_command import demo_in, digests

TINY = ("--accounts", "40", "--seed", "3")


def start(data: Path, *arguments: str) -> subprocess.Popen[bytes]:
    """The command in a process of its own, in a session of its own."""
    environment = os.environ | {"STILLHERE_DATA": str(data), "STILLHERE_COMPANY": str(REPOSITORY / "config")}
    command = [sys.executable, "-c", "from stillhere.cli import build_app; build_app()()", "demo", *arguments]
    return subprocess.Popen(command, env=environment, start_new_session=True, stderr=subprocess.DEVNULL)


@pytest.mark.parametrize(
    "killed_when", ["sources.unfinished/crm.sqlite", "sources.unfinished/usage.spool/0000.parquet"]
)
def test_a_run_killed_midway_leaves_the_old_company_whole(tmp_path: Path, killed_when: str) -> None:
    demo_in(tmp_path, *TINY)
    before = {name: digests(tmp_path / "demo" / name) for name in ("sources", "truth")}
    running = start(tmp_path, "--accounts", "2500", "--force")
    until = time.monotonic() + 60
    while not (tmp_path / "demo" / killed_when).exists() and time.monotonic() < until:
        time.sleep(0.002)
    os.killpg(running.pid, signal.SIGKILL)
    assert running.wait() == -signal.SIGKILL
    assert {name: digests(tmp_path / "demo" / name) for name in ("sources", "truth")} == before
    assert demo_in(tmp_path, *TINY).exit_code == 0
    assert {name: digests(tmp_path / "demo" / name) for name in ("sources", "truth")} == before
    assert not list((tmp_path / "demo").glob("*.unfinished"))


def test_a_second_run_at_the_same_time_is_refused(tmp_path: Path) -> None:
    demo_in(tmp_path, *TINY)
    before = digests(tmp_path / "demo" / "sources")
    with (tmp_path / "demo" / "demo.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert isinstance(demo_in(tmp_path, "--accounts", "60", "--force").exception, DemoBusyError)
    assert digests(tmp_path / "demo" / "sources") == before


def test_sources_are_not_replaced_while_a_night_reads_them(tmp_path: Path) -> None:
    demo_in(tmp_path, *TINY)
    with night_lock(tmp_path / "demo" / "night.lock", create_engine("sqlite://"), "the night", datetime.now(UTC)):
        assert isinstance(demo_in(tmp_path, *TINY).exception, NightHeldError)


def test_no_room_on_the_disk_is_told_plainly_and_what_was_there_stays(tmp_path: Path) -> None:
    """The system refuses to let a file grow beyond 200 kB, as a full disk or a quota does."""
    demo_in(tmp_path, *TINY)
    before = digests(tmp_path / "demo" / "sources")
    limited = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))"
    environment = os.environ | {"STILLHERE_DATA": str(tmp_path), "STILLHERE_COMPANY": str(REPOSITORY / "config")}
    refused = subprocess.run(
        [
            sys.executable,
            "-c",
            f"{limited}; from flows.cli import main; main()",
            "demo",
            "--accounts",
            "900",
            "--force",
        ],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode == 1
    assert "could not be written" in refused.stderr
    assert "make room" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert digests(tmp_path / "demo" / "sources") == before
    assert not list((tmp_path / "demo").glob("*.unfinished"))


@pytest.mark.parametrize("seed", range(4))
def test_twenty_accounts_are_a_company_too(tmp_path: Path, seed: int) -> None:
    """Some of its tables may be empty; their columns are there, with their types."""
    assert demo_in(tmp_path, "--accounts", "20", "--seed", str(seed), "--until", "2026-07-01").exit_code == 0
    tables = tables_of(tmp_path / "demo" / "sources")
    assert tables["crm.companies"].height >= 18
    truth = pl.read_parquet(tmp_path / "demo" / "truth" / "accounts.parquet")
    assert truth.schema["cause"] == pl.String
    assert truth.schema["decided_on"] == pl.Date


def test_a_broken_note_of_what_is_there_counts_as_somebody_elses_data(tmp_path: Path) -> None:
    demo_in(tmp_path, *TINY)
    (tmp_path / "demo" / "sources" / "demo.json").write_text("{")
    assert recipe_of(tmp_path / "demo" / "sources") is None
    assert "did not write" in str(demo_in(tmp_path, *TINY).exception)


def test_a_refusal_says_what_is_there_what_was_asked_and_what_to_do(tmp_path: Path) -> None:
    demo_in(tmp_path, *TINY)
    told = str(demo_in(tmp_path, "--accounts", "60").exception)
    assert "40 accounts, seed 3, until 2026-09-30" in told
    assert "60 accounts, seed 7, until 2026-09-30" in told
    assert "'stillhere demo --force'" in told
