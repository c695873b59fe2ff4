"""Runs of the night as on-call sees them: alive or dead, and each step against its usual duration."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from statistics import median

from sqlalchemy import Engine, text

from stillhere.operations.lock import NIGHT_LOCK_NUMBER, holder_of
from stillhere.operations.runs import Run
from stillhere.settings import Company

LATE_FROM = time(7, 0)
"""A night starts at 04:15 local and takes minutes; who is not published by 07:00 is missed when people come in."""
SLOW_TIMES, SLOW_SECONDS = 2.0, 5.0
"""A step is called slow from twice its usual time and five seconds more than it: short steps jitter."""
STUCK_TIMES, STUCK_SECONDS = 4.0, 1800.0
"""A run is called stuck from four times its usual time, and never before half an hour."""
USUAL_FROM = 10
"""The usual time is the median of so many earlier good runs."""


@dataclass(frozen=True, slots=True)
class StepTime:
    """One step of a run beside what it usually takes; `usual_seconds` is null before it has ever run well."""

    step: str
    seconds: float
    usual_seconds: float | None
    note: str = ""

    @property
    def is_slow(self) -> bool:
        """Far slower than usual."""
        usual = self.usual_seconds
        return usual is not None and self.seconds > max(SLOW_TIMES * usual, usual + SLOW_SECONDS)


def current_run(runs: Sequence[Run]) -> Run | None:
    """The newest run of the newest day: running an old date again does not change how tonight stands."""
    nights = [run for run in runs if run.kind == "night"]
    return max(nights, key=lambda run: (run.as_of, run.started_at), default=None)


def step_times(run: Run, earlier: Sequence[Run]) -> list[StepTime]:
    """A run's steps beside the median of earlier good runs of the same mode, at most USUAL_FROM of them."""
    taken: dict[str, list[float]] = defaultdict(list)
    for one in _good_before(run, earlier):
        for step in one.steps:
            taken[step.step].append(step.seconds)
    return [
        StepTime(step.step, step.seconds, median(taken[step.step]) if taken[step.step] else None, step.note)
        for step in run.steps
    ]


def usual_seconds(run: Run, earlier: Sequence[Run]) -> float | None:
    """What the whole run usually takes, by the clock."""
    took = [(one.finished_at - one.started_at).total_seconds() for one in _good_before(run, earlier) if one.finished_at]
    return median(took) if took else None


def _good_before(run: Run, earlier: Sequence[Run]) -> list[Run]:
    good = [
        one
        for one in sorted(earlier, key=lambda one: one.started_at, reverse=True)
        if one.kind == run.kind and one.state in ("done", "held") and one.started_at < run.started_at
    ]
    return good[:USUAL_FROM]


def is_held_by_somebody(lock: Path, engine: Engine) -> bool:
    """Whether any process holds the night now, on this machine or, with PostgreSQL, on another."""
    if holder_of(lock) is not None:
        return True
    if engine.dialect.name != "postgresql":
        return False
    query = text("select count(*) from pg_locks where locktype = 'advisory' and objid = :number and granted")
    with engine.connect() as connection:
        return bool(connection.scalar(query, {"number": NIGHT_LOCK_NUMBER}))


def is_stuck(run: Run, earlier: Sequence[Run], now: datetime) -> bool:
    """Whether a run that is alive has been working for far longer than usual."""
    elapsed = (now.astimezone(UTC).replace(tzinfo=None) - run.started_at).total_seconds()
    usual = usual_seconds(run, earlier) or 0.0
    return elapsed > max(STUCK_TIMES * usual, STUCK_SECONDS)


def expected_day(company: Company, now: datetime) -> date | None:
    """The newest day that must be published by now; None with `clock: data`, which runs when somebody asks."""
    if company.clock == "data":
        return None
    local = now.astimezone(company.zone)
    return local.date() - timedelta(days=1 if local.time() >= LATE_FROM else 2)
