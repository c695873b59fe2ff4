"""`stillhere status` as facts: fine or not, read from the operations database and published Parquet only."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import Engine

from expectations.report import GateReport
from expectations.requests import report_from_json
from stillhere.oncall.runs import (
    StepTime,
    current_run,
    expected_day,
    is_held_by_somebody,
    step_times,
    usual_seconds,
)
from stillhere.oncall.situations import NightState, Problem, problems_of
from stillhere.oncall.sources import SourceState, source_states
from stillhere.oncall.unsent import NotSent, not_sent
from stillhere.operations import reading
from stillhere.operations.gates import gate_reports_of
from stillhere.operations.hand_overs import in_doubt
from stillhere.operations.holds import Hold, holds_of
from stillhere.operations.incidents import Incident, open_incidents
from stillhere.operations.ledger import LedgerRow, rows_of
from stillhere.operations.load_acceptances import waiting_loads
from stillhere.operations.loads import JudgedLoad, arrivals_of
from stillhere.operations.runs import Run, recent_runs
from stillhere.operations.stops import paused
from stillhere.sending.guard import reactions
from stillhere.settings import Settings
from stillhere.warehouse.publish import published_night

FINE, NOT_FINE, HELD = 0, 1, 3
Verdict = Literal["fine", "not fine", "held"]


@dataclass(frozen=True)
class Status:
    """How things stand at one moment. Times are UTC; days are the company's."""

    company: str
    now: datetime
    published: tuple[date, int] | None
    expected: date | None
    run: Run | None
    usual_seconds: float | None
    steps: tuple[StepTime, ...]
    sources: tuple[SourceState, ...]
    not_sent: tuple[NotSent, ...]
    holds: tuple[Hold, ...]
    refused_loads: tuple[JudgedLoad, ...]
    problems: tuple[Problem, ...]
    incidents: tuple[Incident, ...]

    @property
    def verdict(self) -> Verdict:
        """Fine, not fine, or: all is well but the whole send is held."""
        found = {problem.severity for problem in self.problems}
        return "not fine" if "bad" in found else "held" if "held" in found else "fine"

    @property
    def exit_code(self) -> int:
        """0 fine, 1 not fine, 3 the whole send is held."""
        return {"fine": FINE, "not fine": NOT_FINE, "held": HELD}[self.verdict]

    @property
    def next_command(self) -> str:
        """The next safe command."""
        return self.problems[0].next_command if self.problems else "stillhere lists"

    def as_dict(self) -> dict[str, Any]:
        """For `--json`: times and days as text."""
        told = {**asdict(self), "verdict": self.verdict, "next_command": self.next_command}
        told["steps"] = [{**asdict(step), "is_slow": step.is_slow} for step in self.steps]
        told["holds"] = [{**asdict(hold), "hold_id": hold.hold_id} for hold in self.holds]
        plain: dict[str, Any] = _plain(told)
        return plain


def read_status(settings: Settings, engine: Engine, now: datetime) -> Status:
    """How the newest night stands. Changes nothing."""
    runs = recent_runs(engine, "night", limit=200)
    run = current_run(runs)
    published = published_night(settings.places.published)
    with reading(engine) as connection:
        doubts, bad_reactions = in_doubt(connection), reactions(connection, now)
    state = NightState(
        now=now,
        run=run,
        earlier=runs,
        is_held_by_somebody=is_held_by_somebody(settings.places.lock, engine),
        published=published[0] if published else None,
        expected=expected_day(settings.company, now),
        holds=holds_of(engine, run.as_of, run.revision) if run else (),
        sources=source_states(settings, arrivals_of(engine), _raw_gate(engine, run)),
        ledger=_ledger(engine, run) if run else (),
        pauses=paused(engine),
        doubts=doubts,
        reactions=bad_reactions,
        refused=waiting_loads(engine),
    )
    folder = settings.places.night_folder(run.as_of, run.revision) if run else settings.places.nights
    return Status(
        company=settings.company.name,
        now=now,
        published=published,
        expected=state.expected,
        run=run,
        usual_seconds=usual_seconds(run, runs) if run else None,
        steps=tuple(step_times(run, runs)) if run else (),
        sources=tuple(state.sources),
        not_sent=tuple(not_sent(folder, state.ledger)),
        holds=tuple(state.holds),
        refused_loads=tuple(state.refused),
        problems=tuple(problems_of(state)),
        incidents=tuple(open_incidents(engine)),
    )


def _raw_gate(engine: Engine, run: Run | None) -> GateReport | None:
    found = gate_reports_of(engine, run.as_of, run.revision).get("raw") if run else None
    return report_from_json(found) if found else None


def _ledger(engine: Engine, run: Run) -> list[LedgerRow]:
    """Live messages of the day, also those that `stillhere send --send` handed over after a preview night."""
    return rows_of(engine, run.as_of, "live") or rows_of(engine, run.as_of, run.mode)


def _plain(value: Any) -> Any:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    return value
