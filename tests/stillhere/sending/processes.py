"""Senders in processes of their own, so that they can be killed and run side by side."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from stillhere.settings import Settings

REPOSITORY = Path(__file__).parents[3]

SEND = """
import os, signal, sys
from pathlib import Path
from stillhere.operations import open_operations
from stillhere.settings import load_settings
from tests.stillhere.campaigns.world import TUESDAY_NIGHT
from tests.stillhere.sending.nights import send

folder, data, url = sys.argv[1:4]
settings = load_settings(Path(folder), dict(os.environ), Path(data))
print("ready", flush=True)
sys.stdin.readline()
result = send(settings, open_operations(url))
print(result.handed_over, flush=True)
"""
KILL_ITSELF_ON_SECOND_FILE = """
from stillhere.sending.sender_files import FilesSender
real, seen = FilesSender.send, []
FilesSender.at_once = 1
def send_or_die(self, bundle):
    seen.append(bundle)
    if len(seen) == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(self, bundle)
FilesSender.send = send_or_die
"""


def start_sender(settings: Settings, url: str, *, dies: bool = False, **environment: str) -> subprocess.Popen[str]:
    """A sender that waits for a line before it sends; `dies`: it is killed with its second message in hand."""
    code = SEND.replace('print("ready"', f'{KILL_ITSELF_ON_SECOND_FILE}\nprint("ready"') if dies else SEND
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(settings.folder), str(settings.places.root.parent), url],
        cwd=REPOSITORY,
        env={**os.environ, **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n", process.communicate()[1]
    return process


def let_go(*senders: subprocess.Popen[str]) -> None:
    """Starts the sending of waiting senders, as nearly at once as can be."""
    for sender in senders:
        assert sender.stdin is not None
        sender.stdin.write("\n")
        sender.stdin.flush()


def handed_over(sender: subprocess.Popen[str]) -> int:
    """Waits for a sender's end; gives how many messages it handed over."""
    out, errors = sender.communicate(timeout=60)
    assert sender.returncode == 0, errors
    return int(out.split()[-1])
