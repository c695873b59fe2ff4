"""The real shop with somebody on call, and its one night that a second run tries to disturb."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.e2e.household import NIGHT_SECONDS, REPOSITORY, Household
from tests.web_server import web_server

SHOP = REPOSITORY / "examples" / "online_retail"


@dataclass
class Watched:
    """A shop whose on-call has a webhook and a health check, and what these have heard."""

    home: Household
    heard: list[tuple[str, bytes]]

    @property
    def told(self) -> list[dict[str, str]]:
        """Messages of the webhook."""
        return [json.loads(body) for request, body in self.heard if request == "POST /hook"]

    @property
    def pings(self) -> int:
        """Pings of the health check."""
        return sum(request == "GET /ping" for request, _ in self.heard)


@dataclass
class ShopsNight:
    """The shop after its first night, and what became of a second run at the same time."""

    home: Household
    first_pid: int
    second_code: int
    second_said: str
    pings_while_it_ran: int
    pings: int
    told: list[dict[str, str]]


@contextmanager
def watched_shop(folder: Path, prefect_url: str) -> Iterator[Watched]:
    """The shop before its first night, its configuration and state under `folder`."""
    company = folder / "watched"
    shutil.copytree(SHOP, company)
    with web_server() as (address, heard):
        with (company / "company.yml").open("a") as file:
            file.write(f"notify: {{webhook: '{address}/hook'}}\n")
        extra = {"PREFECT_API_URL": prefect_url, "STILLHERE_HEALTHCHECK_URL": f"{address}/ping"}
        yield Watched(Household(folder / "data", company=company, company_id="online_retail", extra=extra), heard)


def live_through(folder: Path, prefect_url: str) -> None:
    """Runs the shop's night, and a second run once the first reads its sources; keeps what both said."""
    with watched_shop(folder, prefect_url) as watched:
        first = watched.home.start("nightly")
        try:
            assert first.stdout is not None
            for line in first.stdout:
                if line.startswith("extract"):
                    break
            second = watched.home.run("nightly", expect=None)
            pings = watched.pings
        finally:
            rest, _ = first.communicate(timeout=NIGHT_SECONDS)
        assert first.returncode == 0, rest
        watched.home.screen = rest
        said = second.stdout + second.stderr
        night = ShopsNight(watched.home, first.pid, second.returncode, said, pings, watched.pings, watched.told)
        facts: dict[str, Any] = {**asdict(night), "home": None, "screen": rest}
        (folder / "night.json").write_text(json.dumps(facts))


def shops_night_in(folder: Path) -> ShopsNight:
    """What `live_through` has kept."""
    facts = json.loads((folder / "night.json").read_text())
    screen = facts.pop("screen")
    facts["home"] = Household(folder / "data", company=folder / "watched", company_id="online_retail", screen=screen)
    return ShopsNight(**facts)
