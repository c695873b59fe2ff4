"""What has been heard since the last night, taken in before the next one decides: stops, doubts, complaints."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from stillhere.operations import reading, writing
from stillhere.operations.hand_overs import in_doubt, leave_in_doubt
from stillhere.operations.stops import add_suppressions
from stillhere.sending.call_back import call_back_paused
from stillhere.sending.event_work import work_events
from stillhere.sending.guard import stop_bad_campaigns
from stillhere.sending.open_sender import has_sendgrid, sendgrid_client
from stillhere.sending.reconcile import Reconciled, reconcile
from stillhere.sending.senders import ProviderError
from stillhere.settings import Settings

NOTHING = Reconciled()


@dataclass(frozen=True)
class CaughtUp:
    """What came in: new stops from the provider, doubts settled, campaigns that stopped themselves, and what failed."""

    new_stops: int = 0
    reconciled: Reconciled = NOTHING
    stopped: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()

    def notes(self) -> list[str]:
        """What people should read, a line each."""
        told = [self.reconciled.words] if self.reconciled.words else []
        told += [f"{self.new_stops} new stops from the provider's lists"] if self.new_stops else []
        return [*told, *self.stopped, *self.failed]

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        counts = {name: getattr(self.reconciled, name) for name in ("left", "stayed", "waiting", "for_a_person")}
        return {"new_stops": self.new_stops, **counts, "stopped": list(self.stopped), "failed": list(self.failed)}


def catch_up(settings: Settings, engine: Engine, now: datetime) -> CaughtUp:
    """Takes everything in that the provider knows. Call it while holding the night.

    A provider that does not answer fails nothing: what it did not say is told, and stays as it was.
    """
    failures: list[str] = []
    work_events(engine, settings.company.zone, now)
    with writing(engine) as connection:
        # Whoever holds the night knows that no sender is at work: what is in hand was left by a dead process.
        leave_in_doubt(connection, "live", "files", now, may_repeat=True)
    new_stops = _provider_stops(settings, engine, now, failures)
    reconciled = _reconcile(settings, engine, now, failures)
    with writing(engine) as connection:
        stopped = stop_bad_campaigns(connection, now)
    failures += [f"not called back: {words}" for words in call_back_paused(settings, engine, now).failed]
    return CaughtUp(new_stops, reconciled, tuple(stopped), tuple(failures))


def first_look(settings: Settings, engine: Engine, now: datetime) -> None:
    """Looks for what has just come into doubt, right after a send: from then on the provider's log has its time.

    It may well show nothing yet, and a provider that does not answer is asked again by the next night.
    """
    _reconcile(settings, engine, now, [])


def _provider_stops(settings: Settings, engine: Engine, now: datetime, failures: list[str]) -> int:
    if not has_sendgrid(settings):
        return 0
    from stillhere.sending.sendgrid_stops import newest_known, provider_stops

    company = settings.company
    with reading(engine) as connection:
        since = newest_known(connection)
    try:
        found = provider_stops(sendgrid_client(settings), since, company.zone, company.sender.asm_group_id, now)
    except ProviderError as error:
        failures.append(f"stops were not read from the provider: {error}")
        return 0
    with writing(engine) as connection:
        return add_suppressions(connection, found)


def _reconcile(settings: Settings, engine: Engine, now: datetime, failures: list[str]) -> Reconciled:
    with reading(engine) as connection:
        doubts = in_doubt(connection)
    if not doubts:
        return NOTHING
    log = None
    if has_sendgrid(settings):
        from stillhere.sending.sendgrid_log import SendGridLog

        log = SendGridLog(sendgrid_client(settings))
    try:
        return reconcile(engine, log, now)
    except ProviderError as error:
        failures.append(f"doubts were not settled: {error}")
        return reconcile(engine, None, now)
