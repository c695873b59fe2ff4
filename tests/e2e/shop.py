"""The real shop with somebody on call."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.household import REPOSITORY, Household
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
