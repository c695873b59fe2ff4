"""Nights of a small company, recorded in a real operations database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, text

from stillhere.operations.open import open_operations, writing
from stillhere.operations.runs import Mode, RunState, Step, finish_run, record_steps, start_run
from stillhere.settings import Settings, load_settings
from stillhere.warehouse.publish import publish

COMPANY = """
id: acme
name: Acme
kind: contract
timezone: Europe/Berlin
clock: {clock}
sender: {{name: Acme, email: care@acme.example, postal_address: Street 1, unsubscribe_email: stop@acme.example}}
notify: {{mail: [{mail}], webhook: {webhook}}}
"""
SOURCES = """
sources:
  crm:
    kind: sql
    url: sqlite:///{data}/sources/crm.sqlite
    vendor: demo_crm
    freshness_hours: 48
    resources:
      companies: {table: companies, key: [id]}
"""
AS_OF = date(2026, 8, 31)
NIGHT = datetime(2026, 9, 1, 2, 15, tzinfo=UTC)  # 04:15 in Berlin
MORNING = datetime(2026, 9, 1, 6, 0, tzinfo=UTC)  # 08:00 in Berlin
STEPS = (Step("extract", 4.0), Step("transform", 12.0))


def company(
    tmp_path: Path,
    *,
    mail: str = "",
    webhook: str = "null",
    clock: str = "wall",
    environment: dict[str, str] | None = None,
) -> Settings:
    """A company in Berlin, its state under `tmp_path`."""
    folder = tmp_path / "acme"
    folder.mkdir(exist_ok=True)
    (folder / "company.yml").write_text(COMPANY.format(mail=mail, webhook=webhook, clock=clock), encoding="utf-8")
    (folder / "sources.yml").write_text(SOURCES, encoding="utf-8")
    return load_settings(folder, environment or {}, tmp_path / "data")


def operations(settings: Settings) -> Engine:
    """The company's operations database."""
    return open_operations(settings.places.operations_url)


def run_night(
    settings: Settings,
    engine: Engine,
    as_of: date = AS_OF,
    state: RunState | None = "done",
    *,
    steps: Sequence[Step] = STEPS,
    mode: Mode = "preview",
    message: str = "",
    seconds: float = 40.0,
    started: datetime | None = None,
) -> str:
    """Records one night and, when it went well, publishes its folder. `state` None leaves it running."""
    begun = started or NIGHT + (as_of - AS_OF)
    run_id = start_run(engine, as_of, 1, mode, "night", begun)
    record_steps(engine, run_id, steps)
    if state is not None:
        finish_run(engine, run_id, state, begun + timedelta(seconds=seconds), message)
    if state in ("done", "held"):
        folder = settings.places.night_folder(as_of, 1)
        folder.mkdir(parents=True, exist_ok=True)
        publish(settings.places.published, folder)
    return run_id


def rows_in(engine: Engine, table: str) -> int:
    """Rows of a table."""
    with writing(engine) as connection:
        return int(connection.scalar(text(f"select count(*) from {table}")) or 0)
