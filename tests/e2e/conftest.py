"""Whole nights through the real command line, each in a data folder of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).parents[2]
STILLHERE = Path(sys.executable).with_name("stillhere")
NIGHT_SECONDS = 300  # far above any night seen; a hang must not hang the suite


@dataclass
class Household:
    """A company's folder and a data folder, and the command line to use on them."""

    data: Path
    company: Path = REPOSITORY / "config"
    company_id: str = "demo"
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def state(self) -> Path:
        return self.data / self.company_id

    @property
    def environment(self) -> dict[str, str]:
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith(("STILLHERE_", "PREFECT_"))
        }
        return {**inherited, "STILLHERE_DATA": str(self.data), "STILLHERE_COMPANY": str(self.company), **self.extra}

    def run(self, *arguments: str, expect: int | None = 0) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [str(STILLHERE), *arguments],
            cwd=REPOSITORY,
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
        return json.loads(self.run(*arguments, "--json", expect=expect).stdout)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [str(STILLHERE), *arguments],
            cwd=REPOSITORY,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )


@pytest.fixture
def household(tmp_path: Path) -> Household:
    return Household(tmp_path / "data")


@pytest.fixture(scope="session")
def small_demo_accounts() -> int:
    """Enough accounts that a model is fitted, few enough that a night takes seconds."""
    return 500


@pytest.fixture(scope="session")
def lived_night(tmp_path_factory: pytest.TempPathFactory, small_demo_accounts: int) -> Household:
    """A small demo company whose first night has been run, as a preview. Tests only read it."""
    home = Household(tmp_path_factory.mktemp("lived") / "data")
    home.run("demo", "--accounts", str(small_demo_accounts), "--seed", "7")
    home.run("nightly")
    return home


@pytest.fixture
def copy_of_lived_night(lived_night: Household, tmp_path: Path) -> Callable[[], Household]:
    """A copy of that company that a test may change."""

    def copy() -> Household:
        target = tmp_path / "data"
        subprocess.run(["cp", "-a", str(lived_night.data), str(target)], check=True)
        return Household(target)

    return copy
