"""Which night a command means, and what was asked of it: read from the operations database only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import Engine

from stillhere.campaigns.published import NightNotFoundError
from stillhere.operations import night_lock
from stillhere.operations.runs import Mode, RunState, finish_run, recent_runs, start_run
from stillhere.operations.seals import newest_revision, newest_sealed
from stillhere.sending.catch_up import catch_up, first_look
from stillhere.sending.send_night import Progress, send_night
from stillhere.sending.send_result import SendResult
from stillhere.settings import Settings

MANY_RUNS = 500
"""Runs looked through for what was asked of a night; it may have been run some dozens of times, never so often."""


@dataclass(frozen=True, slots=True)
class SealedNight:
    """Day and revision of a night that is decided."""

    as_of: date
    revision: int


def sealed_night(engine: Engine, as_of: date | None) -> SealedNight:
    """The newest sealed night, or the newest revision of a day. Raises NightNotFoundError."""
    newest = newest_sealed(engine) if as_of is None else newest_revision(engine, as_of)
    if newest is None:
        day = f" of {as_of}" if as_of else ""
        again = f" --as-of {as_of}" if as_of else ""
        raise NightNotFoundError(f"no night{day} has been decided yet; run 'stillhere nightly{again}'")
    return SealedNight(*newest)


def mode_asked(engine: Engine, night: SealedNight) -> Mode:
    """Whether the newest run of a night was to send for real; a night nobody knows a run of is a preview."""
    runs = (
        run
        for run in recent_runs(engine, "night", MANY_RUNS)
        if (run.as_of, run.revision) == (night.as_of, night.revision)
    )
    newest = next(runs, None)
    return newest.mode if newest else "preview"


def send_now(
    settings: Settings,
    engine: Engine,
    night: SealedNight,
    *,
    live: bool,
    latest_day: Callable[[], date | None],
    progress: Progress | None = None,
) -> SendResult:
    """Sends a night from a command: holds the night meanwhile, and records the run.

    Raises NightHeldError when a night is running, and what `send_night` raises.
    """
    began = datetime.now(UTC)
    with night_lock(settings.places.lock, engine, f"sending the night of {night.as_of}", began):
        run_id = start_run(engine, night.as_of, night.revision, "live" if live else "preview", "send", began)
        try:
            if live:
                catch_up(settings, engine, began)
            result = send_night(
                settings,
                engine,
                night.as_of,
                night.revision,
                live=live,
                wall_now=began,
                clock=lambda: datetime.now(UTC),
                progress=progress,
                latest_day=latest_day() if live and settings.company.clock == "data" else None,
            )
            if live and result.unknown:
                first_look(settings, engine, datetime.now(UTC))
        except BaseException as error:
            words = str(error).strip() or type(error).__name__
            finish_run(engine, run_id, "failed", datetime.now(UTC), words)
            raise
        state: RunState = "held" if result.whole_send_held else "failed" if result.not_live else "done"
        finish_run(engine, run_id, state, datetime.now(UTC), result.words, {"send": result.as_dict()})
    return result
