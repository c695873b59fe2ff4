"""A file that a killed process was writing is there whole, as it was, or not at all."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from stillhere.backtesting.whole_file import write_whole

KILLED = """
import os, signal, sys
from pathlib import Path
from stillhere.backtesting.whole_file import write_whole

def half(path):
    path.write_text("half of")
    os.kill(os.getpid(), signal.SIGKILL)

write_whole(Path(sys.argv[1]), half)
"""


@pytest.mark.parametrize("before", [None, "as it was"])
def test_a_killed_writer_leaves_no_half_file(tmp_path: Path, before: str | None) -> None:
    target = tmp_path / "out.json"
    if before is not None:
        target.write_text(before)
    ended = subprocess.run([sys.executable, "-c", KILLED, str(target)], check=False)
    assert ended.returncode == -signal.SIGKILL
    assert (target.read_text() if target.exists() else None) == before


def test_a_writer_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    def full(path: Path) -> None:
        path.write_text("half of")
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space left"):
        write_whole(tmp_path / "out.json", full)
    assert list(tmp_path.iterdir()) == []
