"""A throw-away PostgreSQL for tests: import both fixtures in a conftest and ask for `postgres_url`.

The real server, in a temporary folder, on a Unix socket only, with a password; gone when the session ends.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

USER = "stillhere"
PASSWORD = "pass-word%1"  # with a sign that URLs must escape
URL_PASSWORD = "pass-word%251"
START_SECONDS = 30


@dataclass(frozen=True)
class PostgresServer:
    """A running server."""

    folder: Path

    def url(self, database: str, password: str = URL_PASSWORD) -> str:
        """SQLAlchemy URL of a database."""
        return f"postgresql+psycopg://{USER}:{password}@/{database}?host={self.folder}"

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        """A connection as the database's owner, committing each statement."""
        return psycopg.connect(host=str(self.folder), user=USER, password=PASSWORD, dbname=database, autocommit=True)


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
    bin_folder, user = binaries(), unprivileged_user()
    # Not pytest's own folder: it is closed to the user the server runs as, and a socket's path must be short.
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    try:
        password_file = folder / "password"
        password_file.write_text(PASSWORD)
        if user:
            for path in (folder, password_file):
                shutil.chown(path, user)
        yield from _serve(bin_folder, folder, user)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _serve(bin_folder: Path, folder: Path, user: str | None) -> Iterator[PostgresServer]:
    data = folder / "data"
    subprocess.run(
        [
            *(bin_folder / "initdb", "-D", data, "-U", USER, "--pwfile", folder / "password"),
            *("--auth=scram-sha-256", "--no-sync", "--encoding=UTF8", "--locale=C"),
        ],
        check=True,
        capture_output=True,
        user=user,
        cwd=folder,
    )
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": str(folder),
        "fsync": "off",
        "shared_buffers": "32MB",
    }
    arguments = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(
            [bin_folder / "postgres", "-D", data, *arguments], stdout=log, stderr=log, user=user, cwd=folder
        )
    try:
        running = PostgresServer(folder)
        _wait_for(running, server)
        yield running
    finally:
        server.terminate()
        server.wait(START_SECONDS)


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
    name = f"t{uuid.uuid4().hex[:12]}"
    with postgres_server.connect() as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        yield postgres_server.url(name)
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))
