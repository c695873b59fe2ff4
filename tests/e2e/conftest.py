"""Whole nights through the real command line, each in a data folder of its own."""

from __future__ import annotations

import fcntl
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from flows.prefect_server import PrefectServer
from tests.e2e.household import REPOSITORY, Household
from tests.e2e.prefect_api import artifacts_of, runs_of
from tests.e2e.shop import SHOP, Watched, watched_shop

MadeOnce = Callable[[str, Callable[[Path], None]], Path]
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
def made_once(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> MadeOnce:
    """Fills a folder once for all workers of a run: whoever comes second waits for the first and finds it there."""
    own = tmp_path_factory.getbasetemp()
    shared = own if worker_id == "master" else own.parent

    def make(name: str, fill: Callable[[Path], None]) -> Path:
        folder = shared / f"once-{name}"
        with folder.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (folder / "whole").exists():
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir()
                fill(folder)
                (folder / "whole").touch()
        return folder

    return make


@pytest.fixture(scope="session")
def demo_sources(made_once: MadeOnce) -> Path:
    """The three sources of a small demo company, and its truth; tests work on copies."""

    def fill(folder: Path) -> None:
        Household(folder).run("demo", *SMALL_DEMO)

    return Household(made_once("sources", fill)).state


@pytest.fixture(scope="session")
def established(made_once: MadeOnce) -> Path:
    """The demo's configuration of a company whose first live nights, which need a yes each, lie behind it."""

    def fill(folder: Path) -> None:
        shutil.copytree(REPOSITORY / "config", folder / "config")
        file = folder / "config" / "company.yml"
        stated = file.read_text()
        assert "\ncampaigns:\n" in stated
        file.write_text(stated.replace("\ncampaigns:\n", "\ncampaigns:\n  first_nights: 0\n"))

    return made_once("established", fill) / "config"


@pytest.fixture(scope="session")
def lived_night(made_once: MadeOnce, demo_sources: Path, prefect_url: str) -> Household:
    """A small demo company whose first night has been run, as a preview. Tests only read it."""
    return first_night("lived", made_once, demo_sources, prefect_url)


@pytest.fixture(scope="session")
def live_night(made_once: MadeOnce, demo_sources: Path, prefect_url: str, established: Path) -> Household:
    """The same company, established and with its campaigns approved, after a night handed over to the files sender.

    Tests only read it.
    """
    return first_night("live", made_once, demo_sources, prefect_url, "--send", company=established)


def first_night(
    name: str, made_once: MadeOnce, sources: Path, prefect_url: str, *flags: str, company: Path | None = None
) -> Household:
    """The company after its first night, with the night's screen and what Prefect showed of it."""

    def fill(folder: Path) -> None:
        home = company_with(sources, folder / "data", prefect_url, company)
        if "--send" in flags:
            home.run("campaigns", "approve", "--all", "--by", "the tests")
        (folder / "screen.txt").write_text(home.run("nightly", *flags).stdout)
        run = f"demo {home.out.name}"
        shown = {"run": run, "state": runs_of(home)[run], "artifacts": artifacts_of(home, run)}
        (folder / "prefect.json").write_text(json.dumps(shown))

    folder = made_once(name, fill)
    return Household(
        folder / "data",
        company=company or REPOSITORY / "config",
        extra={"PREFECT_API_URL": prefect_url},
        screen=(folder / "screen.txt").read_text(),
        prefect=json.loads((folder / "prefect.json").read_text()),
    )


@pytest.fixture
def demo_company(tmp_path: Path, demo_sources: Path, prefect_url: str, established: Path) -> Household:
    """The established company with its campaigns approved, before a night has been run."""
    home = company_with(demo_sources, tmp_path / "data", prefect_url, established)
    home.run("campaigns", "approve", "--all", "--by", "the tests")
    return home


@pytest.fixture
def copy_of_live_night(live_night: Household, tmp_path: Path) -> Household:
    """The company after its live night, for a test to change."""
    return copied(live_night, tmp_path / "copy")


@pytest.fixture
def copy_of_lived_night(lived_night: Household, tmp_path: Path) -> Household:
    """The company after its preview, for a test to change."""
    return copied(lived_night, tmp_path / "copy")


def company_with(sources: Path, data: Path, prefect_url: str, company: Path | None = None) -> Household:
    """A demo company with a copy of these sources."""
    shutil.copytree(sources, data / "demo")
    return Household(data, company=company or REPOSITORY / "config", extra={"PREFECT_API_URL": prefect_url})


def copied(home: Household, data: Path) -> Household:
    """A household with a copy of another's data."""
    shutil.copytree(home.data, data, symlinks=True)
    return Household(data, company=home.company, company_id=home.company_id, extra=dict(home.extra))


@pytest.fixture
def shop(tmp_path: Path, prefect_url: str) -> Household:
    """The real company of the examples, before its first night."""
    return Household(
        tmp_path / "data",
        company=SHOP,
        company_id="online_retail",
        extra={"PREFECT_API_URL": prefect_url},
    )


@pytest.fixture
def watched(tmp_path: Path, prefect_url: str) -> Iterator[Watched]:
    """The same with somebody on call."""
    with watched_shop(tmp_path, prefect_url) as watched:
        yield watched


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
    """The slow nights first, and the killed ones before all others, so that two workers end at about the same time."""
    items.sort(
        key=lambda item: 0 if item.path.name == "test_killed_nights.py" else 1 if "e2e" in item.path.parts else 2
    )
