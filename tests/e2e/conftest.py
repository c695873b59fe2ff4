"""Whole nights through the real command line, each in a data folder of its own."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from flows.prefect_server import PrefectServer
from tests.e2e.household import REPOSITORY, Household

SMALL_DEMO = ("--accounts", "1000", "--seed", "7")
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
def demo_sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The three sources of a small demo company, and its truth; tests work on copies."""
    home = Household(tmp_path_factory.mktemp("sources"))
    home.run("demo", *SMALL_DEMO)
    return home.state


@pytest.fixture(scope="session")
def lived_night(tmp_path_factory: pytest.TempPathFactory, demo_sources: Path, prefect_url: str) -> Household:
    """A small demo company whose first night has been run, as a preview. Tests only read it."""
    home = company_with(demo_sources, tmp_path_factory.mktemp("lived") / "data", prefect_url)
    home.screen = home.run("nightly").stdout
    return home


@pytest.fixture(scope="session")
def live_night(tmp_path_factory: pytest.TempPathFactory, demo_sources: Path, prefect_url: str) -> Household:
    """The same company whose first night was handed over to the files sender, undisturbed. Tests only read it."""
    home = company_with(demo_sources, tmp_path_factory.mktemp("live") / "data", prefect_url)
    home.screen = home.run("nightly", "--send").stdout
    return home


@pytest.fixture
def demo_company(tmp_path: Path, demo_sources: Path, prefect_url: str) -> Household:
    """The same company before its first night."""
    return company_with(demo_sources, tmp_path / "data", prefect_url)


@pytest.fixture
def copy_of_live_night(live_night: Household, tmp_path: Path) -> Household:
    """The company after its live night, for a test to change."""
    return copied(live_night, tmp_path / "copy")


@pytest.fixture
def copy_of_lived_night(lived_night: Household, tmp_path: Path) -> Household:
    """The company after its preview, for a test to change."""
    return copied(lived_night, tmp_path / "copy")


def company_with(sources: Path, data: Path, prefect_url: str) -> Household:
    """A demo company with a copy of these sources."""
    shutil.copytree(sources, data / "demo")
    return Household(data, extra={"PREFECT_API_URL": prefect_url})


def copied(home: Household, data: Path) -> Household:
    """A household with a copy of another's data."""
    shutil.copytree(home.data, data, symlinks=True)
    return Household(data, company=home.company, company_id=home.company_id, extra=dict(home.extra))


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
