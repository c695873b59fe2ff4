"""A company's folder, a data folder of its own, and the command line to use on them."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

REPOSITORY = Path(__file__).parents[2]
STILLHERE = Path(sys.executable).with_name("stillhere")
NIGHT_SECONDS = 900  # above any night seen, on a very busy machine too; a hang must not hang the suite


@dataclass
class Household:
    """Where a company lives in a test."""

    data: Path
    company: Path = REPOSITORY / "config"
    company_id: str = "demo"
    extra: dict[str, str] = field(default_factory=dict)
    screen: str = ""
    prefect: dict[str, Any] = field(default_factory=dict)
    """What Prefect showed of the night right after it: `run`, the name of its `state`, its `artifacts`."""

    @property
    def state(self) -> Path:
        """data/<company id>."""
        return self.data / self.company_id

    @property
    def out(self) -> Path:
        """Where the newest night wrote its report, lists and mails."""
        return max(self.state.glob("out/????-??-??"))

    @property
    def environment(self) -> dict[str, str]:
        """What a command sees: nothing of the developer's own settings."""
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith(("STILLHERE_", "PREFECT_"))
        }
        return {**inherited, "STILLHERE_DATA": str(self.data), "STILLHERE_COMPANY": str(self.company), **self.extra}

    def run(
        self, *arguments: str, expect: int | None = 0, cwd: Path = REPOSITORY, before: Iterable[str] = ()
    ) -> subprocess.CompletedProcess[str]:
        """Runs a command to its end; `before` is a program that starts it."""
        done = subprocess.run(
            [*before, str(STILLHERE), *arguments],
            cwd=cwd,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=NIGHT_SECONDS,
            check=False,
        )
        if expect is not None:
            assert done.returncode == expect, f"exit {done.returncode}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
        return done

    def facts(self, *arguments: str, expect: int | None = 0) -> Any:
        """What a command prints with --json."""
        return json.loads(self.run(*arguments, "--json", expect=expect).stdout)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Starts a command as the head of a process group of its own."""
        return subprocess.Popen(
            [str(STILLHERE), *arguments],
            cwd=REPOSITORY,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of the operations database."""
        connection = sqlite3.connect(self.state / "operations.sqlite")
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()

    def refuse_newest_load(self, source: str, resource: str) -> None:
        """Takes the newest load back, as if hand-over 1 had refused it."""
        connection = sqlite3.connect(self.state / "operations.sqlite")
        mine = "source = ? and resource = ?"
        newest = f"load_id = (select max(load_id) from loads where {mine})"
        with connection:
            connection.execute(
                "update loads set is_accepted = 0, state = 'not_accepted', because = '[\"usual_volume\"]' "
                f"where {mine} and {newest}",
                (source, resource) * 2,
            )
        connection.close()

    def readers_account(self) -> tuple[str, str]:
        """An account that is slipping in the published night: its id and its name."""
        risk = pl.read_parquet(self.state / "published" / "risk.parquet").filter(pl.col("is_flagged"))
        accounts = pl.read_parquet(self.state / "published" / "accounts.parquet")
        row = risk.join(accounts, on="account_id").sort("risk_rank").row(0, named=True)
        return row["account_id"], row["account_name"]

    def processes(self) -> list[int]:
        """Ids of the processes that work on this data folder."""
        marker = f"STILLHERE_DATA={self.data}\0".encode()
        found = []
        for environ in Path("/proc").glob("[0-9]*/environ"):
            try:
                if marker in environ.read_bytes() + b"\0":
                    found.append(int(environ.parent.name))
            except OSError:  # ended meanwhile, or not ours to read
                continue
        return found


def digests(folder: Path, pattern: str = "**/*") -> dict[str, str]:
    """SHA-256 of every file below a folder, by its relative path."""
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.glob(pattern))
        if file.is_file()
    }
