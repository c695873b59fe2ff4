"""A hand-over whose file cannot even be opened: unchecked, so it holds."""

from __future__ import annotations

from datetime import date

from expectations.engine import problem_of
from expectations.report import GateName, GateReport, Result


def unreadable_report(gate: GateName, as_of: date, file: str, error: Exception) -> GateReport:
    """One result that could not be checked, saying what is wrong with the file as far as it names no values."""
    result = Result(
        rule="can_be_read",
        scope="send",
        outcome="could_not_check",
        expected=f"{file} can be opened and read",
        observed=problem_of(error),
        owner="on-call",
        resource=file,
    )
    return GateReport(gate, as_of, (result,))
