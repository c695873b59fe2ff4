"""What is wrong, by name: each with words, the next safe command, and the runbook's page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from stillhere.oncall.runbooks import Situation, is_for_oncall, page_of, page_of_rule
from stillhere.oncall.runs import is_stuck
from stillhere.oncall.sources import SourceState
from stillhere.operations.holds import Hold
from stillhere.operations.ledger import LedgerRow
from stillhere.operations.loads import JudgedLoad
from stillhere.operations.runs import Run
from stillhere.operations.stops import Pause
from stillhere.sending.guard import Reaction
from stillhere.sending.reconcile import needs_a_person

Severity = Literal["bad", "held", "note"]

# How a failed run's message tells the kind of failure; both texts are ours or the operating system's.
SIGNATURES: tuple[tuple[str, Situation], ...] = (
    ("no space left", "disk_full"),
    ("disk full", "disk_full"),
    ("disk is full", "disk_full"),
    ("not enough space", "disk_full"),
    ("is held by process", "warehouse_locked"),
    ("is held by another process", "warehouse_locked"),
)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing a person should know. `bad` makes the status not fine, `held` means the whole send waits."""

    situation: Situation
    severity: Severity
    words: str
    next_command: str
    runbook: str


@dataclass(frozen=True, slots=True)
class NightState:
    """What is known of the newest night, ready to be judged."""

    now: datetime
    run: Run | None
    earlier: Sequence[Run]
    is_held_by_somebody: bool
    published: date | None
    expected: date | None
    holds: Sequence[Hold]
    sources: Sequence[SourceState]
    ledger: Sequence[LedgerRow]
    pauses: Sequence[Pause]
    doubts: Sequence[LedgerRow] = ()
    """Live messages of any day that may or may not have left."""
    reactions: Sequence[Reaction] = ()
    refused: Sequence[JudgedLoad] = ()
    """Loads that hand-over 1 did not accept, and that nothing has come after."""


def problems_of(state: NightState) -> list[Problem]:
    """Everything wrong with a night, the worst first."""
    found = [
        *_run_problems(state),
        *_late(state),
        *_held(state),
        *_sources(state),
        *_refused(state),
        *_messages(state),
        *_complaints(state),
        *_paused(state),
    ]
    order = ("bad", "held", "note")
    return sorted(found, key=lambda problem: order.index(problem.severity))


def run_again(run: Run) -> str:
    """The command that finishes a run's work; a night that was to be sent is still to be sent."""
    return f"stillhere nightly --as-of {run.as_of}{' --send' if run.mode == 'live' else ''}"


def kind_of_failure(message: str) -> Situation:
    """Which runbook's situation a failed run's message tells of."""
    signed = [situation for text, situation in SIGNATURES if text in message.lower()]
    return signed[0] if signed else "night_failed"


def _run_problems(state: NightState) -> Iterator[Problem]:
    run = state.run
    if run is None:
        words = "No night has run yet."
        yield Problem("never_ran", "bad", words, "stillhere nightly", page_of("never_ran"))
        return
    night = f"The night of {run.as_of}"
    if run.state == "failed":
        kind = kind_of_failure(run.message)
        yield Problem(kind, "bad", f"{night} failed: {run.message}", "stillhere doctor", page_of(kind))
    elif run.state == "running" and not state.is_held_by_somebody:
        last = run.steps[-1].step if run.steps else "nothing"
        words = f"{night} died: its process is gone; the last step it finished was: {last}."
        yield Problem("killed_run", "bad", words, run_again(run), page_of("killed_run"))
    elif run.state == "running" and is_stuck(run, state.earlier, state.now):
        words = f"{night} has been running since {run.started_at:%H:%M} UTC, far longer than usual."
        yield Problem("stuck_run", "bad", words, "stillhere doctor", page_of("stuck_run"))


def _late(state: NightState) -> Iterator[Problem]:
    expected, published = state.expected, state.published
    if expected is None or state.run is None or (published is not None and published >= expected):
        return
    if state.run.as_of >= expected:  # it ran, runs or failed: that is told already
        return
    newest = f"the newest is {published}" if published else "there is none"
    words = f"No night of {expected} is published; {newest}."
    yield Problem("night_late", "bad", words, "stillhere nightly", page_of("night_late"))


def _held(state: NightState) -> Iterator[Problem]:
    waiting = [hold for hold in state.holds if hold.released_at is None]
    for hold in waiting:
        whole = hold.scope == "night"
        what = "The whole send" if whole else f"{hold.scope.capitalize()} {hold.subject}"
        words = f"{what} is held ({hold.rule}): {hold.words}"
        severity: Severity = "held" if whole else "note"
        kind: Situation = "campaign_held" if hold.scope == "campaign" and is_for_oncall(hold.rule) else "night_held"
        yield Problem(kind, severity, words, f"stillhere holds --as-of {hold.as_of}", page_of_rule(hold.rule))
    send = state.run.facts.get("send", {}) if state.run else {}
    if send.get("not_ready"):
        words = f"Nothing was sent: {send['not_live']}"
        yield Problem("night_held", "held", words, "stillhere doctor", page_of("not_settled"))


def _sources(state: NightState) -> Iterator[Problem]:
    for source in state.sources:
        if source.is_bad:
            age = f", {source.age} ({source.limit_hours} hours are allowed)" if source.age else ""
            words = f"Source {source.source}: {source.state}{age}. {source.message}".rstrip(". ") + "."
            yield Problem("source_late", "note", words, "stillhere doctor", page_of("source_late"))


def _refused(state: NightState) -> Iterator[Problem]:
    for load in state.refused:
        rules = ", ".join(load.because)
        words = (
            f"{load.source}.{load.resource}: {load.row_count:,} rows of {load.as_of} are refused ({rules}), not read."
        )
        yield Problem("source_late", "note", words, "stillhere holds", page_of_rule(load.because[0]))


def _messages(state: NightState) -> Iterator[Problem]:
    live = [row for row in state.ledger if row.key.mode == "live"]
    left = sum(row.status in ("reserved", "handing_over") for row in live)
    if left and not state.is_held_by_somebody:
        words = f"{left} decided messages have not been handed over."
        command = f"stillhere send --as-of {live[0].as_of} --send"
        yield Problem("not_settled", "note", words, command, page_of("not_settled"))
    persons = sum(needs_a_person(row, state.now) for row in state.doubts)
    if persons:
        words = f"{persons} messages may or may not have left, and no log will say: a person must look and settle them."
        yield Problem("sender_silent", "note", words, "stillhere reconcile", page_of("sender_silent"))
    if waiting := len(state.doubts) - persons:
        words = f"{waiting} messages may or may not have left: the provider's log will say. None is sent again before."
        yield Problem("sender_silent", "note", words, "stillhere reconcile", page_of("sender_silent"))


def _complaints(state: NightState) -> Iterator[Problem]:
    for one in state.reactions:
        if one.complaints:
            many = "1 person complains" if one.complaints == 1 else f"{one.complaints} people complain"
            words = f"{many} of spam about campaign {one.campaign}, of {one.sent} mails in 30 days."
            yield Problem("complaints", "note", words, f"stillhere pause {one.campaign}", page_of("complaints"))


def _paused(state: NightState) -> Iterator[Problem]:
    for pause in state.pauses:
        what = "Everything" if pause.subject == "*" else f"Campaign {pause.subject}"
        command = "stillhere resume" + ("" if pause.subject == "*" else f" {pause.subject}")
        yield Problem("paused", "note", f"{what} is paused: {pause.because}", command, page_of("paused"))
