"""One night while it runs: its day, its revision, what it has opened, and how its steps are recorded."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from expectations.report import Result
from flows.alarm import tell_of_failure, tell_oncall
from flows.engines import Engines, engines_for
from flows.progress import current_listener
from stillhere.clock import default_as_of, night_now
from stillhere.company_folder import read_company
from stillhere.connectors import latest_event_day, unset_variables
from stillhere.operations import night_lock, open_operations, writing
from stillhere.operations.holds import Hold
from stillhere.operations.runs import Mode, RunState, Step, close_dead_runs, finish_run, record_steps, start_run
from stillhere.operations.seals import Seal, find_seal, newest_sealed
from stillhere.operations.snapshot import Rows, read_snapshot
from stillhere.sending.catch_up import catch_up
from stillhere.settings import ConfigurationError, Settings


@dataclass
class Night:
    """Everything the steps of one night share. `seal` is there when the night was sealed before."""

    settings: Settings
    as_of: date
    revision: int
    mode: Mode
    started_at: datetime
    operations: Engine
    engines: Engines
    seal: Seal | None
    is_newest: bool
    snapshot: dict[str, Rows]
    full: bool = False
    run_id: str = ""
    holds: list[Hold] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    facts: dict[str, object] = field(default_factory=dict)
    short_use: list[Result] = field(default_factory=list)
    """Sources of use, and of nothing else, that brought far less than usual tonight."""
    sender_lacks: str = ""
    """What a live sender still wants before it sends anything, such as the old provider's stops."""

    @property
    def now(self) -> datetime:
        """What freshness and message age call now."""
        return night_now(self.settings.company, self.as_of, self.started_at)

    @property
    def folder(self) -> Path:
        """Where this night's marts are kept."""
        return self.settings.places.night_folder(self.as_of, self.revision)

    @property
    def draft(self) -> Path:
        """Where they are written until they are whole."""
        return self.settings.places.scratch / f"night-{self.as_of.isoformat()}-{self.revision}"

    @property
    def out(self) -> Path:
        """Where people find the report, lists and mails."""
        return self.settings.places.out_folder(self.as_of)

    @property
    def held_because(self) -> str:
        """Why nothing at all may leave: holds on the whole night, or a sender that is not ready; empty when it may."""
        words = [hold.words for hold in self.holds if hold.scope == "night" and hold.released_at is None]
        return "; ".join([*words, self.sender_lacks] if self.sender_lacks else words)

    @contextmanager
    def step(self, name: str) -> Iterator[list[str]]:
        """Times and records one step; what is put into the yielded list becomes its note."""
        note: list[str] = []
        listener, began = current_listener(), time.monotonic()
        listener.step_started(name)
        yield note
        done = Step(name, time.monotonic() - began, "; ".join(note))
        self.steps.append(done)
        record_steps(self.operations, self.run_id, self.steps)
        listener.step_ended(name, done.seconds, done.note)


@contextmanager
def open_night(
    company: str | None, as_of: date | None, *, send: bool, redecide: bool, full: bool = False
) -> Iterator[Night]:
    """Holds the night of a company, with everything open that its steps need.

    Raises ConfigurationError before anything is touched, NightHeldError when another run holds it. However the block
    ends, the run is recorded.
    """
    settings = read_company(Path(company) if company else None)
    if unset := unset_variables(settings):
        raise ConfigurationError(unset)
    started_at = datetime.now(UTC)
    day = as_of or default_as_of(settings.company, started_at, lambda: latest_event_day(settings, started_at))
    operations = open_operations(settings.places.operations_url)
    with (
        night_lock(settings.places.lock, operations, f"the night of {day}", started_at),
        engines_for(settings) as engines,
    ):
        mode: Mode = "live" if send else "preview"
        # Before the night reads what it decides on.
        caught_up = catch_up(settings, operations, started_at)
        night = _night(settings, day, mode, started_at, operations, engines, redecide=redecide)
        night.full = full
        night.notes += caught_up.notes()
        with writing(operations) as connection:
            close_dead_runs(connection, started_at)
        night.run_id = start_run(operations, day, night.revision, mode, "night", started_at)
        try:
            yield night
        except BaseException as error:
            # On a full disk this fails as well; what ended the night is what people should read, and the next run
            # closes the record of one that ended without a word.
            is_recorded = False
            with suppress(SQLAlchemyError):
                finish_run(operations, night.run_id, "failed", datetime.now(UTC), _words(error), night.facts)
                is_recorded = True
            # Who stops a night by hand needs no call.
            if isinstance(error, Exception):
                tell_of_failure(settings, operations, day, _words(error), is_recorded=is_recorded)
            raise
    operations.dispose()


def close_night(night: Night) -> None:
    """Records that the night is done, or done with its send held, and tells on-call; keeps what could not be told."""
    state: RunState = "held" if night.held_because else "done"
    _finish(night, state)
    if untold := tell_oncall(night.settings, night.operations):
        night.notes += untold
        _finish(night, state)


def _finish(night: Night, state: RunState) -> None:
    night.facts["notes"] = night.notes
    message = "; ".join([hold.words for hold in night.holds if hold.scope == "night"] + night.notes)
    finish_run(night.operations, night.run_id, state, datetime.now(UTC), message, night.facts)


def _night(
    settings: Settings,
    as_of: date,
    mode: Mode,
    started_at: datetime,
    operations: Engine,
    engines: Engines,
    *,
    redecide: bool,
) -> Night:
    seal = find_seal(operations, as_of)
    revision = seal.revision if seal else 1
    if seal and redecide:
        revision, seal = seal.revision + 1, None
    newest = newest_sealed(operations)
    snapshot = (
        read_snapshot(operations, as_of)
        if seal is None
        else {k: list(map(dict, v)) for k, v in seal.operations.items()}
    )
    return Night(
        settings=settings,
        as_of=as_of,
        revision=revision,
        mode=mode,
        started_at=started_at,
        operations=operations,
        engines=engines,
        seal=seal,
        is_newest=newest is None or as_of >= newest[0],
        snapshot=snapshot,
    )


def _words(error: BaseException) -> str:
    text = str(error).strip() or type(error).__name__
    return text if len(text) < 2000 else text[:2000] + " …"
