"""The company of `benchmarks/cadence.py`, small: mapped tables with keys, one load of everything in raw."""

from __future__ import annotations

from pathlib import Path

import duckdb

from benchmarks.cadence_data import NIGHT, SOURCES, Sizes, draw
from expectations.quarantine import create_quarantine
from stillhere.settings import load_settings
from stillhere.warehouse.night_inputs import AcceptedLoad
from tests.dbt.projects import Project

FILES = {"accounts": "accounts.parquet", "invoices": "invoices.parquet", "events": "events-*.parquet"}
FIRST = [AcceptedLoad("shop", table, "first") for table in FILES]


def drawn_company(folder: Path, event_key: str = "account, contact, kind, occurred_at") -> Project:
    """A drawn company whose events have a key, with one load of everything in raw and nothing in quarantine."""
    draw(folder, Sizes(60, 4000))
    keyed = SOURCES.replace("events:\n", f"events:\n        key: [{event_key}]\n" if event_key else "events:\n", 1)
    (folder / "company" / "sources.yml").write_text(keyed.lstrip())
    settings = load_settings(folder / "company", {}, folder / "state")
    settings.places.raw_database.parent.mkdir(parents=True)
    with duckdb.connect(str(settings.places.raw_database)) as raw:
        create_quarantine(raw)
        raw.execute("create schema shop")
        for table, files in FILES.items():
            raw.execute(
                f"create table shop.{table} as select *, '{table}-' || row_number() over () as _dlt_id, "
                f"timestamp '{NIGHT}' as _loaded_at, 'first' as _dlt_load_id from '{folder / files}'"
            )
    return Project(settings, tuple(FIRST))
