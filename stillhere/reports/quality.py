"""How good tonight's data was: counts and names of rules, never a value of a row."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from expectations.report import GateReport, Result
from stillhere.reports.facts import NightFacts
from stillhere.reports.formats import Formats

GATE_TITLES = {
    "raw": "Hand-over 1: raw data",
    "features": "Hand-over 2: features",
    "model": "The model: drift",
    "outbox": "Hand-over 3: outbox",
}
OUTCOME_WORDS = {"ok": "ok", "failed": "failed", "could_not_check": "could not check"}
STATE_WORDS = {"ok": "ok", "late": "late", "partial": "only in part", "failed": "not reached"}


@dataclass(frozen=True, slots=True)
class GateRow:
    """One hand-over in counts."""

    title: str
    checked: str
    ok: str
    failed: str
    could_not_check: str
    outcome: str


@dataclass(frozen=True, slots=True)
class FindingRow:
    """One rule that did not pass."""

    rule: str
    place: str
    outcome: str
    expected: str
    observed: str
    count: str
    holds: bool
    owner: str


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One resource of a source tonight."""

    place: str
    state: str
    fine: bool
    rows: str
    quarantined: str
    newest: str
    message: str


def gate_rows(facts: NightFacts, formats: Formats) -> list[GateRow]:
    """A line for every hand-over that ran."""
    rules = {hold.rule for hold in facts.holds if hold.scope == "campaign"}
    rules -= {hold.rule for hold in facts.holds if hold.scope == "night"}
    return [_gate_row(gate, rules, formats) for gate in facts.gates]


def _gate_row(gate: GateReport, campaign_rules: set[str], formats: Formats) -> GateRow:
    counts = Counter(result.outcome for result in gate.results)
    holding = {result.rule for result in gate.results if result.holds}
    if holding:
        outcome = "holds single campaigns" if holding <= campaign_rules else "holds"
    else:
        outcome = "passed, with warnings" if gate.failed else "passed"
    return GateRow(
        title=GATE_TITLES.get(gate.gate, gate.gate),
        checked=formats.number(len(gate.results)),
        ok=formats.number(counts["ok"]),
        failed=formats.number(counts["failed"]),
        could_not_check=formats.number(counts["could_not_check"]),
        outcome=outcome,
    )


def finding_rows(facts: NightFacts, formats: Formats) -> list[FindingRow]:
    """Every rule that did not pass, what holds first."""
    return [_finding_row(result, formats) for gate in facts.gates for result in gate.failed]


def _finding_row(result: Result, formats: Formats) -> FindingRow:
    return FindingRow(
        rule=result.rule,
        place=".".join(part for part in (result.source, result.resource) if part),
        outcome=OUTCOME_WORDS[result.outcome],
        expected=result.expected,
        observed=result.observed,
        count=formats.number(result.unexpected_count) if result.unexpected_count else "",
        holds=result.holds,
        owner=result.owner,
    )


def source_rows(facts: NightFacts, formats: Formats) -> list[SourceRow]:
    """What each source gave, with the rows that quarantine took from it."""
    bad: Counter[tuple[str, str]] = Counter()
    for gate in facts.gates:
        for load in gate.loads:
            bad[(load.source, load.resource)] += load.bad_rows
    return [
        SourceRow(
            place=f"{one.source}.{one.resource}",
            state=STATE_WORDS.get(one.state, one.state),
            fine=one.state == "ok",
            rows=formats.number(one.row_count),
            quarantined=formats.number(bad[(one.source, one.resource)]),
            newest=one.cursor_high or "",
            message=one.message,
        )
        for one in facts.arrivals
    ]
