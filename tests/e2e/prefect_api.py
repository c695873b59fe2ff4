"""What Prefect's own pages would show of a night, asked of its API."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

from tests.e2e.household import Household


def runs_of(home: Household) -> dict[str, str]:
    """Name of each run of the company to the name of the state it ended in."""
    runs = _ask(home, "flow_runs/filter", {"limit": 200})
    return {run["name"]: run["state"]["name"] for run in runs if run["name"].startswith(home.company_id)}


def artifacts_of(home: Household, run: str) -> dict[str, str]:
    """Key to content of the artifacts of a run."""
    [found] = _ask(
        home, "flow_runs/filter", {"flow_runs": {"name": {"any_": [run]}}, "sort": "START_TIME_DESC", "limit": 1}
    )
    kept = _ask(home, "artifacts/filter", {"artifacts": {"flow_run_id": {"any_": [found["id"]]}}})
    return {one["key"]: json.dumps(one["data"]) for one in kept if one["key"]}


def _ask(home: Household, path: str, query: dict[str, Any]) -> Any:
    request = urllib.request.Request(  # noqa: S310 - a server of this machine
        f"{home.extra['PREFECT_API_URL']}/{path}",
        json.dumps(query).encode(),
        {"Content-Type": "application/json"},
        method="POST",
    )
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - as above
        return json.load(answer)
