"""A throw-away PostgreSQL for tests: import both fixtures in a conftest and ask for `postgres_url`.

The real server, in a temporary folder, on a Unix socket only, with a password; gone when the session ends.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

USER = "stillhere"
PASSWORD = "pass-word%1"  # with a sign that URLs must escape
URL_PASSWORD = "pass-word%251"
START_SECONDS = 30


@dataclass
class PostgresServer:
    """A running server; its data are made by the first start."""

    folder: Path
    user: str | None
    process: subprocess.Popen[bytes] | None = None

    def url(self, database: str, password: str = URL_PASSWORD) -> str:
        """SQLAlchemy URL of a database."""
        return f"postgresql+psycopg://{USER}:{password}@/{database}?host={self.folder}"

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        """A connection as the database's owner, committing each statement."""
        return psycopg.connect(host=str(self.folder), user=USER, password=PASSWORD, dbname=database, autocommit=True)

    def restart(self) -> None:
        """Ends it as a power cut would, every connection with it, and starts it on the same data."""
        self.cut()
        self.start()

    def cut(self) -> None:
        """Ends it as a power cut would."""
        self.stop(signal.SIGQUIT)

    def start(self) -> None:
        """Returns when it takes connections."""
        arguments = [part for name, value in self._settings.items() for part in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("a") as log:
            self.process = subprocess.Popen(
                [binaries() / "postgres", "-D", self.folder / "data", *arguments],
                stdout=log,
                stderr=log,
                user=self.user,
                cwd=self.folder,
            )
        _wait_for(self, self.process)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Ends it, by default without waiting for its clients, and waits until it is gone."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(START_SECONDS)

    @property
    def _settings(self) -> dict[str, str]:
        return {
            "listen_addresses": "",
            "unix_socket_directories": str(self.folder),
            "fsync": "off",
            "shared_buffers": "32MB",
        }


def binaries() -> Path:
    """The folder of initdb and postgres; fails naming the package when there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("initdb")
    if not found and not on_path:
        pytest.fail(
            "no PostgreSQL server: install the package 'postgresql' (macOS: brew install postgresql)", pytrace=False
        )
    return found[-1].parent if found else Path(str(on_path)).parent


def unprivileged_user() -> str | None:
    """PostgreSQL refuses to run as root; then the name of a user it may run as."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in known)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A PostgreSQL server for the session."""
    with running_server() as server:
        yield server


@contextmanager
def running_server() -> Iterator[PostgresServer]:
    """A server of one's own, for what would disturb others."""
    user = unprivileged_user()
    # Not pytest's own folder: it is closed to the user the server runs as, and a socket's path must be short.
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    server = PostgresServer(folder, user)
    try:
        _make_data(folder, user)
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _make_data(folder: Path, user: str | None) -> None:
    password_file = folder / "password"
    password_file.write_text(PASSWORD)
    if user:
        for path in (folder, password_file):
            shutil.chown(path, user)
    subprocess.run(
        [
            *(binaries() / "initdb", "-D", folder / "data", "-U", USER, "--pwfile", password_file),
            *("--auth=scram-sha-256", "--no-sync", "--encoding=UTF8", "--locale=C"),
        ],
        check=True,
        capture_output=True,
        user=user,
        cwd=folder,
    )


def _wait_for(running: PostgresServer, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            running.connect().close()
            return
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > until:
                pytest.fail("PostgreSQL did not start:\n" + (running.folder / "log").read_text(), pytrace=False)
            time.sleep(0.05)


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """The URL of an empty database of the test's own."""
    with new_database(postgres_server) as url:
        yield url


@contextmanager
def new_database(server: PostgresServer) -> Iterator[str]:
    """The URL of an empty database, which is dropped again."""
    name = f"t{uuid.uuid4().hex[:12]}"
    with server.connect() as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    yield server.url(name)
    with server.connect() as connection:
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))
