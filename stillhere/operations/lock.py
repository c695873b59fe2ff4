"""The night's lock. It is the operating system's (or PostgreSQL's), so it dies with the process that holds it."""

from __future__ import annotations

import fcntl
import json
import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, text

from stillhere.settings import StillhereError

NIGHT_LOCK_NUMBER = 7_113_005
"""Ours among PostgreSQL's advisory locks; any number that nobody else uses."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds the night."""

    pid: int
    host: str
    what: str
    since: str

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host}, {self.what}, since {self.since}"


class NightHeldError(StillhereError):
    """Another run holds the night."""

    def __init__(self, holder: Holder | None) -> None:
        self.holder = holder
        who = str(holder) if holder else "another process"
        super().__init__(f"The night is held by {who}. Wait for it, or look with 'stillhere status'. Nothing was done.")


@contextmanager
def night_lock(path: Path, engine: Engine, what: str, now: datetime) -> Iterator[None]:
    """Holds the night of one company: a flock on its data folder and, on PostgreSQL, a session advisory lock.

    `what` and `now` are told to whoever comes second. Raises NightHeldError at once when it is taken.
    """
    holder = Holder(os.getpid(), socket.gethostname(), what, now.isoformat(timespec="seconds"))
    with ExitStack() as stack:
        stack.enter_context(_file_lock(path, holder))
        if engine.dialect.name == "postgresql":
            stack.enter_context(_advisory_lock(engine))
        yield


def holder_of(path: Path) -> Holder | None:
    """Who holds the night on this machine now, or None."""
    if not path.exists():
        return None
    with path.open("r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return _read_holder(path)
    return None


@contextmanager
def _file_lock(path: Path, holder: Holder) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Never removed: a lock on a file that another process has deleted guards nothing.
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise NightHeldError(_read_holder(path)) from None
        file.truncate(0)
        file.write(json.dumps(asdict(holder)))
        file.flush()
        yield


@contextmanager
def _advisory_lock(engine: Engine) -> Iterator[None]:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        taken = connection.scalar(text("select pg_try_advisory_lock(:number)"), {"number": NIGHT_LOCK_NUMBER})
        if not taken:
            raise NightHeldError(None)
        try:
            yield
        finally:
            connection.execute(text("select pg_advisory_unlock(:number)"), {"number": NIGHT_LOCK_NUMBER})


def _read_holder(path: Path) -> Holder | None:
    try:
        return Holder(**json.loads(path.read_text()))
    except (OSError, ValueError, TypeError):
        return None
