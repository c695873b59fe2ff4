"""A demo company, drawn and extracted as a night does it (without Prefect and the gates), to measure against truth."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from stillhere.connectors import connected_sources, extract_source
from stillhere.demo.build import build_demo
from stillhere.demo.recipe import Recipe
from stillhere.settings import Settings, load_settings
from stillhere.warehouse.connect import open_warehouse
from stillhere.warehouse.night_inputs import AcceptedLoad, write_night_inputs

NIGHT = date(2026, 9, 30)
READ_AT = datetime(2026, 10, 1, 2, tzinfo=UTC)
REPOSITORY = Path(__file__).parents[1]


def draw_company(seed: int, accounts: int, data: Path) -> tuple[Settings, list[AcceptedLoad]]:
    """Draws a demo company into the folder `data` and loads its raw; gives its settings and the loads to accept."""
    settings = load_settings(REPOSITORY / "config", {}, data)
    settings.places.root.mkdir(parents=True)
    build_demo(Recipe(accounts, seed, NIGHT), settings.places.sources, settings.places.truth)
    loads = [
        AcceptedLoad(outcome.source, outcome.resource, outcome.load_id)
        for source in connected_sources(settings)
        for outcome in extract_source(source, READ_AT, accepted=set(), refused=set(), clock=READ_AT)
        if outcome.load_id
    ]
    return settings, loads


def tell_night(settings: Settings, loads: list[AcceptedLoad], as_of: date) -> None:
    """Writes what a night of that day tells dbt into the company's warehouse."""
    with open_warehouse(settings.places.warehouse) as warehouse:
        write_night_inputs(warehouse, settings, as_of, loads, {})
