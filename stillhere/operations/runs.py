"""Runs of nights: what each step took and how it ended. Status and the end screen read these."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Literal

from sqlalchemy import Connection, Engine, Row, select, update

from stillhere.operations.open import reading, writing
from stillhere.operations.tables import night_runs

Mode = Literal["preview", "live"]
RunKind = Literal["night", "send", "train"]
RunState = Literal["running", "done", "held", "failed"]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a run and how long it took."""

    step: str
    seconds: float
    note: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """One run. Times are UTC."""

    run_id: str
    as_of: date
    revision: int
    mode: Mode
    kind: RunKind
    started_at: datetime
    finished_at: datetime | None
    state: RunState
    steps: tuple[Step, ...]
    facts: Mapping[str, Any]
    message: str


def start_run(engine: Engine, as_of: date, revision: int, mode: Mode, kind: RunKind, now: datetime) -> str:
    """Records that a run has begun; gives its id."""
    run_id = uuid.uuid4().hex
    row = {
        "run_id": run_id,
        "as_of": as_of,
        "revision": revision,
        "mode": mode,
        "kind": kind,
        "started_at": naive_utc(now),
        "state": "running",
        "steps": [],
        "facts": {},
        "message": "",
    }
    with writing(engine) as connection:
        connection.execute(night_runs.insert().values(row))
    return run_id


def record_steps(engine: Engine, run_id: str, steps: Sequence[Step]) -> None:
    """Replaces the steps of a run by what is done so far."""
    listed = [{"step": one.step, "seconds": round(one.seconds, 3), "note": one.note} for one in steps]
    _change(engine, run_id, steps=listed)


def set_revision(engine: Engine, run_id: str, revision: int) -> None:
    """The revision that a run has turned out to be."""
    _change(engine, run_id, revision=revision)


def finish_run(
    engine: Engine,
    run_id: str,
    state: RunState,
    now: datetime,
    message: str = "",
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Records how a run ended."""
    _change(engine, run_id, state=state, finished_at=naive_utc(now), message=message, facts=dict(facts or {}))


def recent_runs(engine: Engine, kind: RunKind | None = None, limit: int = 50) -> list[Run]:
    """The newest runs first."""
    query = select(night_runs).order_by(night_runs.c.started_at.desc()).limit(limit)
    if kind is not None:
        query = query.where(night_runs.c.kind == kind)
    with reading(engine) as connection:
        return [_run(row) for row in connection.execute(query)]


def close_dead_runs(connection: Connection, now: datetime) -> int:
    """Marks runs still called running as failed; call it only while holding the night. Gives how many."""
    dead = (
        update(night_runs)
        .where(night_runs.c.state == "running", night_runs.c.kind.in_(["night", "train"]))
        .values(state="failed", finished_at=naive_utc(now), message="the process died; the next run finished its work")
    )
    return connection.execute(dead).rowcount


def naive_utc(moment: datetime) -> datetime:
    """An instant as the tables keep it: UTC, without a zone."""
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def _change(engine: Engine, run_id: str, **values: Any) -> None:
    with writing(engine) as connection:
        connection.execute(update(night_runs).where(night_runs.c.run_id == run_id).values(**values))


def _run(row: Row[Any]) -> Run:
    values = dict(row._mapping)
    values["steps"] = tuple(Step(**step) for step in values["steps"])
    return Run(**values)
