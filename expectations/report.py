"""What a hand-over found: one result a rule, and what must be held because of it.

Everything here goes into logs, reports and the operations database, so it carries names, counts and ids only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

GateName = Literal["raw", "features", "model", "outbox"]
Scope = Literal["row", "table", "source", "message", "send"]
CheckOutcome = Literal["ok", "failed", "could_not_check"]
Severity = Literal["hold", "warn"]
Owner = Literal["data", "marketing", "on-call"]
LoadState = Literal["accepted", "accepted_with_quarantine", "not_accepted"]

MAX_EXAMPLE_IDS = 5


@dataclass(frozen=True, slots=True)
class Result:
    """What one rule found in one place."""

    rule: str
    scope: Scope
    outcome: CheckOutcome
    expected: str
    """In words, for people."""
    observed: str
    """In words, for people; never a value of a row."""
    severity: Severity = "hold"
    owner: Owner = "data"
    source: str = ""
    """The raw source; "warehouse" at hand-over 2, the campaign's outbox at hand-over 3."""
    resource: str = ""
    load_id: str | None = None
    unexpected_count: int = 0
    example_ids: tuple[str, ...] = ()
    """At most five ids of rows, accounts or messages."""
    seconds: float = 0.0
    """This rule's equal part of the validation that it ran in."""
    words: str = ""
    """The finding as people say it, where rule, expected and observed would not do."""

    @property
    def holds(self) -> bool:
        """Whether this result alone stops something from being sent. What could not be checked always does."""
        return self.outcome == "could_not_check" or (self.outcome == "failed" and self.severity == "hold")


@dataclass(frozen=True, slots=True)
class LoadDecision:
    """Whether staging may read one load of one resource."""

    source: str
    resource: str
    load_id: str
    state: LoadState
    rows: int
    bad_rows: int
    """Distinct rows that break a row rule; they go to quarantine."""
    because: tuple[str, ...] = ()
    """The rules that kept it from being accepted."""


@dataclass(frozen=True, slots=True)
class HeldMessage:
    """One message of the outbox that must not leave, and the rules that say so."""

    message_id: str
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GateReport:
    """All that one hand-over found."""

    gate: GateName
    as_of: date
    results: tuple[Result, ...]
    loads: tuple[LoadDecision, ...] = ()
    """Hand-over 1 only: one decision a new load."""
    messages: tuple[HeldMessage, ...] = ()
    """Hand-over 3 only: every message that fails, not just examples."""
    seconds: float = 0.0

    @property
    def failed(self) -> tuple[Result, ...]:
        """Results that are not ok, what holds first."""
        return tuple(sorted((r for r in self.results if r.outcome != "ok"), key=lambda r: not r.holds))


@dataclass(frozen=True, slots=True)
class Holds:
    """What a report keeps back."""

    whole_send: bool
    because: tuple[Result, ...] = ()
    """The results that hold the whole send."""
    message_ids: frozenset[str] = field(default_factory=frozenset)
    """Single messages to hold while the others may leave."""


def holds(report: GateReport) -> Holds:
    """What must be held. A failing message holds itself; anything wider, or unchecked, holds the whole send."""
    because = tuple(
        result
        for result in report.results
        if result.holds and not (result.scope == "message" and result.outcome == "failed")
    )
    return Holds(bool(because), because, frozenset(message.message_id for message in report.messages))
