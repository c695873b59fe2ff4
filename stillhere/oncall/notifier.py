"""Tells on-call of a failed, held or late night, or of held campaigns: once an incident, once more when it is good."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import PurePosixPath

from sqlalchemy import Engine

from stillhere.oncall.channels import Message, has_channel, tell
from stillhere.oncall.runbooks import FOLDER, Situation
from stillhere.oncall.situations import Problem
from stillhere.oncall.status import Status
from stillhere.operations.incidents import (
    Incident,
    close_incident,
    mark_notified,
    open_incident,
    open_incidents,
)
from stillhere.settings import Settings

KINDS: dict[Situation, str] = {
    "night_failed": "failed",
    "disk_full": "failed",
    "warehouse_locked": "failed",
    "killed_run": "failed",
    "stuck_run": "late",
    "night_late": "late",
    "night_held": "held",
}
"""What on-call is told of by night; other problems show in `status` only."""

CAMPAIGNS_HELD = "campaigns held, "
"""Begins the name of an incident that lasts over nights: a doubt that holds campaigns every night is told once."""


def notify(settings: Settings, engine: Engine, status: Status, now: datetime) -> list[str]:
    """Opens, tells and closes incidents so that they match a status; returns what could not be told, in words.

    An incident is one kind of trouble with one night. Telling that failed is tried again with the next call.
    Never raises for what a mail server or webhook does.
    """
    current = _current(status)
    for incident, problem in current.items():
        open_incident(engine, incident, problem.words, now)
    problems: list[str] = []
    for known in open_incidents(engine):
        if known.incident not in current:
            if known.incident.startswith(CAMPAIGNS_HELD) and not _is_decided(status):
                continue  # a night that is under way or has failed says nothing of its campaigns
            problems += _close(settings, engine, known, now)
        elif known.notified_at is None:
            problems += _tell_open(settings, engine, known, current[known.incident], now)
    return problems


def _current(status: Status) -> dict[str, Problem]:
    """Incident name to its worst problem."""
    found: dict[str, Problem] = {}
    for problem in status.problems:
        if problem.situation == "campaign_held":
            incident = f"{CAMPAIGNS_HELD}{PurePosixPath(problem.runbook).stem}"
            before = found.get(incident)
            found[incident] = replace(before, words=f"{before.words}\n{problem.words}") if before else problem
            continue
        kind = KINDS.get(problem.situation)
        if kind is not None and problem.severity != "note":
            found.setdefault(f"night {kind} {_day(status, kind)}", problem)
    return found


def _is_decided(status: Status) -> bool:
    return status.run is not None and status.run.state in ("done", "held")


def _day(status: Status, kind: str) -> str:
    if kind == "late" and status.expected is not None:
        return status.expected.isoformat()
    return status.run.as_of.isoformat() if status.run else "never"


def _tell_open(settings: Settings, engine: Engine, known: Incident, problem: Problem, now: datetime) -> Sequence[str]:
    lines = [problem.words, "", f"Next: {problem.next_command}", f"Runbook: {problem.runbook}"]
    subject = f"{settings.company.name}: {known.incident}"
    return _told(settings, engine, Message(known.incident, "open", subject, "\n".join(lines), problem.runbook), now)


def _told(settings: Settings, engine: Engine, message: Message, now: datetime) -> Sequence[str]:
    if not has_channel(settings):
        return []
    problems = tell(settings, message, now)
    if not problems:
        mark_notified(engine, message.incident, now)
    return problems


def _close(settings: Settings, engine: Engine, known: Incident, now: datetime) -> Sequence[str]:
    close_incident(engine, known.incident, now)
    if known.notified_at is None or not has_channel(settings):
        return []
    subject = f"{settings.company.name}: good again, {known.incident}"
    text = f"No longer true: {known.words}\n\nSee: stillhere status"
    return tell(settings, Message(known.incident, "closed", subject, text, f"{FOLDER}/README.md"), now)
