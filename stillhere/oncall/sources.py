"""How fresh each source is: what last arrived, and what hand-over 1 said about its age."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from expectations.report import GateReport
from stillhere.operations.loads import Arrived
from stillhere.settings import Settings

FRESH_RULE = "fresh"
BAD_STATES = ("late", "partial", "failed")


@dataclass(frozen=True, slots=True)
class SourceState:
    """One source. `age` is what hand-over 1 found, in words; `is_stale` when it is older than its limit."""

    source: str
    state: str
    as_of: date | None
    rows: int
    age: str
    limit_hours: int
    is_stale: bool
    message: str

    @property
    def is_bad(self) -> bool:
        """Something a person should look at, even within the freshness limit."""
        return self.is_stale or self.state in BAD_STATES


def source_states(settings: Settings, arrived: Sequence[Arrived], raw_gate: GateReport | None) -> list[SourceState]:
    """Every configured source, in the order of `sources.yml`."""
    return [
        _state(name, source.freshness_hours, [one for one in arrived if one.source == name], raw_gate)
        for name, source in settings.sources.sources.items()
    ]


def _state(source: str, limit_hours: int, arrived: Sequence[Arrived], raw_gate: GateReport | None) -> SourceState:
    bad = [one for one in arrived if one.state in BAD_STATES]
    results = raw_gate.results if raw_gate else ()
    fresh = next((result for result in results if result.rule == FRESH_RULE and result.source == source), None)
    worst = max((one.state for one in bad), key=BAD_STATES.index, default="ok" if arrived else "never read")
    return SourceState(
        source=source,
        state=worst,
        as_of=max((one.as_of for one in arrived), default=None),
        rows=sum(one.row_count for one in arrived),
        age=fresh.observed if fresh else "",
        limit_hours=limit_hours,
        is_stale=fresh is not None and fresh.outcome != "ok",
        message="; ".join(f"{one.resource}: {one.message}" for one in bad if one.message),
    )
