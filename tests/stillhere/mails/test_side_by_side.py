"""A large night is written by several processes: the same mails, in the same order, and no process is left over."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

from benchmarks.campaign_mails import CONFIG, drawn_night
from stillhere.mails import outbox, side_by_side
from stillhere.mails.outbox import write_outbox, write_outbox_file
from stillhere.mails.side_by_side import WriterGoneError
from stillhere.settings import Settings, load_settings

COUNT = 23


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(CONFIG, {}, tmp_path)


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Five parts for two processes."""
    monkeypatch.setattr(outbox, "PART_ROWS", 5)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)


def test_several_processes_write_what_one_does(settings: Settings, tmp_path: Path) -> None:
    night = drawn_night(COUNT)
    made = write_outbox_file(tmp_path / "outbox.parquet", *night, settings)
    alone = write_outbox(*night, settings)
    assert (made.messages, made.unwritten) == (COUNT, alone.unwritten)
    assert pl.read_parquet(made.file).equals(alone.messages)


def test_what_cannot_be_written_is_told_by_every_process(settings: Settings, tmp_path: Path) -> None:
    decisions, accounts, contacts = drawn_night(COUNT)
    nameless = accounts.with_columns(account_name=pl.lit(None, dtype=pl.String))
    made = write_outbox_file(tmp_path / "outbox.parquet", decisions, nameless, contacts, settings)
    assert made.unwritten == write_outbox(decisions, nameless, contacts, settings).unwritten
    assert made.unwritten


def test_a_process_that_dies_fails_the_night_with_words_and_leaves_none(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = side_by_side._Child.start

    started: list[int] = []

    def start_and_kill() -> side_by_side._Child:
        child = start()
        started.append(child.process.pid)
        child.process.kill()
        return child

    monkeypatch.setattr(side_by_side._Child, "start", start_and_kill)
    with pytest.raises(WriterGoneError, match="run the night again"):
        write_outbox_file(tmp_path / "outbox.parquet", *drawn_night(COUNT), settings)
    assert len(started) == 2
    assert not [pid for pid in started if Path(f"/proc/{pid}").exists()]


def test_no_process_outlives_a_night_that_is_killed(tmp_path: Path) -> None:
    script = (
        "import time; from stillhere.mails import side_by_side as s; c = [s._Child.start() for _ in range(2)]; "
        "print(*[one.process.pid for one in c], flush=True); time.sleep(60)"
    )
    night = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert night.stdout is not None
    writers = [int(pid) for pid in night.stdout.readline().split()]
    assert len(writers) == 2
    os.kill(night.pid, signal.SIGKILL)
    night.wait()
    deadline = time.monotonic() + 60  # an import on a busy machine takes seconds
    while any(Path(f"/proc/{pid}").exists() for pid in writers) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not [pid for pid in writers if Path(f"/proc/{pid}").exists()]
