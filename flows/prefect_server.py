"""A Prefect server of our own for one night, tied to the process that started it.

Prefect's ephemeral server outlives a killed parent and keeps its port. This one reads a pipe that only the parent
holds: when the parent is gone, however it went, the pipe ends and the server exits.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

from stillhere.settings import StillhereError

START_SECONDS = 300  # a first start migrates Prefect's database: 13 s seen, on a very busy machine over 120
POLL_SECONDS = 0.1
ANSWER_SECONDS = 20  # a server that is there answers within one
LEAST_FREE_BYTES = 20_000_000  # its new database and log take 5 MB


class PrefectServerError(StillhereError):
    """Our Prefect server did not come up."""


def prefect_environment(home: Path) -> dict[str, str]:
    """Prefect's settings for a night: its home under the data folder, nothing sent anywhere, results not kept."""
    return {
        "PREFECT_HOME": str(home),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_UI_ENABLED": "false",
        "PREFECT_RESULTS_PERSIST_BY_DEFAULT": "false",
        "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "false",
        "PREFECT_LOGGING_LEVEL": "ERROR",
        "PREFECT_SERVER_LOGGING_LEVEL": "ERROR",
        # The server ends with the night, so its log would be lost; night.log has it all.
        "PREFECT_LOGGING_TO_API_ENABLED": "false",
        "DO_NOT_TRACK": "1",
    }


def refuse_when_silent(url: str) -> None:
    """Says at once that a server which PREFECT_API_URL names is not there. Raises PrefectServerError."""
    try:
        with urllib.request.urlopen(f"{url}/health", timeout=ANSWER_SECONDS):  # noqa: S310 - the operator's own address
            return
    except urllib.error.HTTPError:
        return  # it answers; Prefect itself will say what it minds
    except (urllib.error.URLError, OSError, ValueError) as error:
        raise PrefectServerError(
            f"PREFECT_API_URL: {url} does not answer ({getattr(error, 'reason', error)}); start that server, or unset "
            "the variable and the night starts one of its own. Nothing was done."
        ) from error


@dataclass
class PrefectServer:
    """A server process on a free port of this machine. Use as a context manager."""

    home: Path
    port: int = 0
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def url(self) -> str:
        """What PREFECT_API_URL must be."""
        return f"http://127.0.0.1:{self.port}/api"

    def start(self) -> None:
        """Starts the server and returns at once."""
        self.home.mkdir(parents=True, exist_ok=True)
        self.port = self.port or _free_port()
        log = (self.home / "server.log").open("wb")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "flows.prefect_server", str(self.port)],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**os.environ, **prefect_environment(self.home)},
        )
        log.close()

    def wait_until_ready(self) -> None:
        """Returns when the server answers. Raises PrefectServerError with its log's place when it doesn't."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process is not None and self.process.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.url}/health", timeout=2):  # noqa: S310 - our own loopback address
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(POLL_SECONDS)
        raise PrefectServerError(self._why_not_started())

    def _why_not_started(self) -> str:
        free = shutil.disk_usage(self.home).free
        if free < LEAST_FREE_BYTES:
            return (
                f"Prefect's server did not start: no space left on the disk of {self.home} ({free / 1e6:.0f} MB free); "
                "free some room (docs/runbooks/disk-full.md), then run the night again"
            )
        return f"Prefect's server did not start; read {self.home / 'server.log'}, then run the night again"

    def stop(self) -> None:
        """Ends the server; returns when it is gone."""
        if self.process is None:
            return
        if self.process.stdin is not None:
            self.process.stdin.close()
        try:
            self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def __enter__(self) -> PrefectServer:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _exit_with_parent() -> None:
    """Ends this process when the parent's end of our standard input closes."""
    sys.stdin.buffer.read()
    os._exit(0)


def _serve(port: int) -> None:
    threading.Thread(target=_exit_with_parent, daemon=True).start()
    import uvicorn
    from prefect.server.api.server import create_app

    # No web server: no scheduler and no UI, for one night of one flow.
    app = create_app(ephemeral=True, webserver_only=True)
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="error")


if __name__ == "__main__":
    _serve(int(sys.argv[1]))
