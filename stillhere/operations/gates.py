"""What each hand-over found, kept for status and report: counts, rule names and ids only."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Engine, delete, select

from stillhere.operations.open import reading, writing
from stillhere.operations.tables import gate_reports


def store_gate_report(engine: Engine, as_of: date, revision: int, gate: str, report_json: str) -> None:
    """Stores a hand-over's report; a later run of the same night replaces it."""
    same = (gate_reports.c.as_of == as_of, gate_reports.c.revision == revision, gate_reports.c.gate == gate)
    with writing(engine) as connection:
        connection.execute(delete(gate_reports).where(*same))
        values = {"as_of": as_of, "revision": revision, "gate": gate, "report": report_json}
        connection.execute(gate_reports.insert().values(values))


def gate_reports_of(engine: Engine, as_of: date, revision: int) -> dict[str, str]:
    """Reports of a night as JSON, by gate."""
    query = select(gate_reports.c.gate, gate_reports.c.report).where(
        gate_reports.c.as_of == as_of, gate_reports.c.revision == revision
    )
    with reading(engine) as connection:
        return {row.gate: row.report for row in connection.execute(query)}
