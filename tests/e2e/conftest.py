"""Whole nights through the real command line, each in a data folder of its own."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from flows.prefect_server import PrefectServer
from tests.e2e.household import REPOSITORY, Household

SMALL_DEMO = ("--accounts", "600", "--seed", "7")
"""Enough accounts that a model is fitted, few enough that a night takes seconds."""


@pytest.fixture(scope="session")
def prefect_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One Prefect server for the nights that do not test the starting of it: each saves its ten seconds."""
    server = PrefectServer(tmp_path_factory.mktemp("prefect"))
    server.start()
    server.wait_until_ready()
    yield server.url
    server.stop()


@pytest.fixture(scope="session")
def lived_night(tmp_path_factory: pytest.TempPathFactory, prefect_url: str) -> Household:
    """A small demo company whose first night has been run, as a preview. Tests only read it."""
    home = Household(tmp_path_factory.mktemp("lived") / "data", extra={"PREFECT_API_URL": prefect_url})
    home.run("demo", *SMALL_DEMO)
    home.screen = home.run("nightly").stdout
    return home


@pytest.fixture
def copy_of_lived_night(lived_night: Household, tmp_path: Path) -> Callable[[], Household]:
    """A copy of that company that a test may change."""

    def copy() -> Household:
        target = tmp_path / "data"
        subprocess.run(["cp", "-a", str(lived_night.data), str(target)], check=True)
        return Household(target, extra=dict(lived_night.extra))

    return copy


@pytest.fixture
def demo_company(tmp_path: Path, prefect_url: str) -> Household:
    """A small demo company before its first night."""
    home = Household(tmp_path / "data", extra={"PREFECT_API_URL": prefect_url})
    home.run("demo", *SMALL_DEMO)
    return home


@pytest.fixture
def shop(tmp_path: Path, prefect_url: str) -> Household:
    """The real company of the examples, before its first night."""
    return Household(
        tmp_path / "data",
        company=REPOSITORY / "examples" / "online_retail",
        company_id="online_retail",
        extra={"PREFECT_API_URL": prefect_url},
    )


@pytest.fixture
def own_company(tmp_path: Path, prefect_url: str) -> Callable[[str], Household]:
    """Writes an export and lets `stillhere init` make a company of it; nothing is edited by hand."""

    def init(export: str, *flags: str, name: str = "acme", encoding: str = "utf-8") -> Household:
        file = tmp_path / f"{name}_export.csv"
        file.write_text(export, encoding=encoding)
        home = Household(
            tmp_path / "data", company=tmp_path / name, company_id=name, extra={"PREFECT_API_URL": prefect_url}
        )
        home.run("init", name, "--events", str(file), "--yes", *flags, cwd=tmp_path)
        return home

    return init


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The slow nights first, so that two workers end at about the same time."""
    items.sort(key=lambda item: 0 if "e2e" in item.path.parts else 1)
