"""The schedule is part of the product: moving it has to show up in review."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest
import yaml

REPOSITORY = Path(__file__).parents[2]
DEPLOYMENTS: list[dict[str, Any]] = yaml.safe_load((REPOSITORY / "prefect.yaml").read_text())["deployments"]


def test_the_nights_and_trainings_are_scheduled_when_clocks_do_not_change() -> None:
    crons = {d["name"]: [(s["cron"], s["timezone"]) for s in d["schedules"]] for d in DEPLOYMENTS}
    assert crons == {
        "nightly": [("15 4 * * *", "Europe/Berlin")],
        "train-weekly": [("30 6 * * 0", "Europe/Berlin")],
    }


def test_the_schedule_is_in_the_demo_companys_zone() -> None:
    company = yaml.safe_load((REPOSITORY / "config" / "company.yml").read_text())
    zones = {s["timezone"] for d in DEPLOYMENTS for s in d["schedules"]}
    assert zones == {company["timezone"]}


def test_no_deployment_sends_until_somebody_says_so() -> None:
    [nightly] = [d for d in DEPLOYMENTS if d["name"] == "nightly"]
    assert nightly["parameters"]["send"] is False


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=lambda d: d["name"])
def test_every_entry_point_is_a_flow_that_takes_its_parameters(deployment: dict[str, Any]) -> None:
    module, _, name = deployment["entrypoint"].rpartition(".")
    flow = getattr(importlib.import_module(module), name)
    assert set(deployment["parameters"]) <= set(flow.parameters.properties)
