"""The night's Prefect server never outlives the process that started it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
START_AND_WAIT = textwrap.dedent(
    """
    import sys, time
    from pathlib import Path
    from flows.prefect_server import PrefectServer
    server = PrefectServer(Path(sys.argv[1]))
    server.start()
    print(server.process.pid, flush=True)
    time.sleep(60)
    """
)


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rsplit(")", 1)[1].split()[0] != "Z"


def test_a_parent_killed_with_sigkill_takes_its_server_along(tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", START_AND_WAIT, str(tmp_path)], stdout=subprocess.PIPE, text=True, cwd=REPOSITORY
    )
    assert parent.stdout is not None
    server = int(parent.stdout.readline())
    assert is_running(server)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    deadline = time.monotonic() + 30
    while is_running(server) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not is_running(server)
