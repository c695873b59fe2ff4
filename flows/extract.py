"""Extract: every source into append-only raw. A source that is down makes its data late, not the night fail."""

from __future__ import annotations

from flows.night import Night
from stillhere.connectors import ResourceOutcome, connected_sources, extract_source
from stillhere.operations import writing
from stillhere.operations.loads import Arrived, judged_loads, store_arrivals


def extract_sources(night: Night) -> list[ResourceOutcome]:
    """Reads what is new in every source; one outcome a resource and load.

    A sealed night has read what it reads, and a night older than the newest sealed one leaves the sources alone: newer
    nights have read them since, and what happened by its day is in raw.
    """
    if night.seal is not None or not night.is_newest:
        return []
    judged = judged_loads(night.operations)
    outcomes: list[ResourceOutcome] = []
    for source in connected_sources(night.settings):
        own = [load for load in judged if load.source == source.name]
        outcomes += extract_source(
            source,
            night.started_at,
            accepted={load.load_id for load in own if load.is_accepted},
            refused={load.load_id for load in own if not load.is_accepted},
            clock=night.now,
        )
    with writing(night.operations) as connection:
        store_arrivals(connection, [_arrived(one, night) for one in outcomes])
    return outcomes


def _arrived(outcome: ResourceOutcome, night: Night) -> Arrived:
    return Arrived(
        source=outcome.source,
        resource=outcome.resource,
        as_of=night.as_of,
        state=outcome.state,
        row_count=outcome.rows,
        seconds=outcome.seconds,
        cursor_high=outcome.cursor_high,
        message=outcome.message,
        read_at=night.started_at,
    )
