"""The one checking process of a night, seen from the night's side.

Importing Great Expectations takes 5–16 s, so a child does it while sources are still being read, and then answers all
three hand-overs.
"""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import TracebackType

from expectations.report import GateReport
from expectations.requests import ANSWERS, REQUESTS, FeaturesRequest, OutboxRequest, RawRequest

READY_SECONDS = 180.0  # an import on a busy machine has taken 60
ANSWER_SECONDS = 600.0
CLOSE_SECONDS = 5.0


class CheckerError(RuntimeError):
    """The checking process is gone, silent or could not check; nothing may be sent on its word."""


class Checker:
    """Starts `python -m expectations` and asks it. Use as a context manager, from any thread."""

    def __init__(self, log: Path | None = None) -> None:
        """`log` receives what the child's libraries print; None drops it."""
        self._log = log
        self._child: subprocess.Popen[str] | None = None
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._asking = threading.Lock()
        self._is_ready = False

    def __enter__(self) -> Checker:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """The child's process id, while there is one."""
        return self._child.pid if self._child else None

    def start(self) -> None:
        """Starts the child and returns at once; `check` waits for it to be ready."""
        if self._child is not None:
            return
        prints = self._log.open("ab") if self._log else None
        try:
            self._child = subprocess.Popen(
                # -P: never import from the folder we happen to run in.
                [sys.executable, "-P", "-m", "expectations"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=prints or subprocess.DEVNULL,
                text=True,
                encoding="utf-8",
                env=_child_environment(),
            )
        finally:
            if prints:
                prints.close()
        self._lines = queue.SimpleQueue()
        threading.Thread(target=_read, args=(self._child, self._lines), daemon=True, name="checker-answers").start()

    def check(
        self, request: RawRequest | FeaturesRequest | OutboxRequest, timeout_seconds: float = ANSWER_SECONDS
    ) -> GateReport:
        """Asks the child and waits for its report.

        Raises CheckerError when the child has died, does not answer in time, or could not make a report.
        """
        with self._asking:
            self.start()
            self._wait_until_ready()
            self._write(REQUESTS.dump_json(request).decode())
            answer = ANSWERS.validate_json(self._next_line(timeout_seconds, f"hand-over {request.gate}"))
        if answer.report is None:
            raise CheckerError(f"the checking process could not check hand-over {request.gate}: {answer.error}")
        return answer.report

    def close(self) -> None:
        """Ends the child: politely by closing its input, then by force."""
        child, self._child = self._child, None
        was_ready, self._is_ready = self._is_ready, False
        if child is None:
            return
        with contextlib.suppress(BrokenPipeError):  # it has died already
            if child.stdin:
                child.stdin.close()
        try:
            # A child that is still importing does not see the end of its input, so there is no use in waiting.
            child.wait(CLOSE_SECONDS if was_ready else 0)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()

    def _wait_until_ready(self) -> None:
        if not self._is_ready:
            self._next_line(READY_SECONDS, "its start")
            self._is_ready = True

    def _write(self, line: str) -> None:
        child = self._child
        try:
            if child is None or child.stdin is None:
                raise BrokenPipeError
            child.stdin.write(line + "\n")
            child.stdin.flush()
        except (BrokenPipeError, ValueError) as error:
            raise self._gone("a request") from error

    def _next_line(self, timeout_seconds: float, what: str) -> str:
        try:
            line = self._lines.get(timeout=timeout_seconds)
        except queue.Empty as error:
            self.close()
            raise CheckerError(
                f"the checking process did not answer {what} within {timeout_seconds:.0f} s and was ended; "
                "run the night again, with fewer other programs beside it"
            ) from error
        if line is None:
            raise self._gone(what)
        return line

    def _gone(self, what: str) -> CheckerError:
        code = self._exit_code()
        how = f"was killed by signal {-code}" if code is not None and code < 0 else f"ended with code {code}"
        self.close()
        return CheckerError(
            f"the checking process {how} at {what}, so nothing was checked and nothing may be sent; "
            "run the night again (signal 9 often means that memory ran out)"
        )

    def _exit_code(self) -> int | None:
        if self._child is None:
            return None
        deadline = time.monotonic() + CLOSE_SECONDS
        while self._child.poll() is None and time.monotonic() < deadline:
            time.sleep(0.02)  # the pipe closes a moment before the process is gone
        return self._child.returncode


def _read(child: subprocess.Popen[str], lines: queue.SimpleQueue[str | None]) -> None:
    """Passes on what the child says, and None when it will say no more."""
    for line in child.stdout or ():
        lines.put(line)
    lines.put(None)


def _child_environment() -> dict[str, str]:
    ours = str(Path(__file__).resolve().parents[1])
    path = os.pathsep.join(part for part in (ours, os.environ.get("PYTHONPATH", "")) if part)
    return {**os.environ, "PYTHONPATH": path, "PYTHONUNBUFFERED": "1", "GX_ANALYTICS_ENABLED": "False"}
