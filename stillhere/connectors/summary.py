"""Outcomes of an extraction, read back from raw: what is said to be loaded is what lies there."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta

from stillhere.connectors.cursors import cursor_instant
from stillhere.connectors.names import raw_column
from stillhere.connectors.outcomes import OutcomeState, ResourceOutcome
from stillhere.connectors.raw import RawSchema
from stillhere.connectors.reading import AHEAD, Batch, Reading
from stillhere.connectors.source import ConnectedSource


def outcome(
    source: ConnectedSource, raw: RawSchema, batch: Batch, name: str, loaded_at: datetime, clock: datetime | None
) -> ResourceOutcome:
    """What happened to one resource."""
    reading = batch.readings.get(name, Reading())
    rows = next((load.rows for load in raw.loads(name) if load.load_id == batch.load_id), 0)
    newest = _newest(source, raw, name, loaded_at)
    state, message = _judge(source, batch, name, reading, newest, clock)
    return ResourceOutcome(
        source=source.name,
        resource=name,
        load_id=batch.load_id if rows else None,
        rows=rows,
        seconds=round(batch.seconds.get(name, 0.0), 3),
        cursor_low=_shown(reading.cursor_low),
        cursor_high=_shown(newest),
        state=state,
        message=message,
        rows_seen=reading.rows_seen,
        new_columns=reading.new_columns,
        missing_columns=reading.missing_columns,
    )


def cut_short(source: ConnectedSource, raw: RawSchema, judged: Collection[str | None]) -> list[ResourceOutcome]:
    """Outcomes of finished loads that no gate has seen."""
    return [
        ResourceOutcome(
            source=source.name,
            resource=name,
            load_id=load.load_id,
            rows=load.rows,
            seconds=0.0,
            cursor_low=None,
            cursor_high=None,
            state="ok",
            message="loaded by a run that was cut short",
            rows_seen=load.rows,
        )
        for name in source.source.resources
        for load in raw.loads(name)
        if load.load_id not in judged
    ]


def _judge(
    source: ConnectedSource, batch: Batch, name: str, reading: Reading, newest: object, clock: datetime | None
) -> tuple[OutcomeState, str]:
    if name in batch.failed:
        return "failed", batch.failed[name]
    if reading.rejects.lines:
        lines = "line" if reading.rejects.lines == 1 else "lines"
        return "partial", f"{reading.rejects.lines} {lines} could not be read, first: {reading.rejects.first}"
    instant = cursor_instant(newest)
    allowed = timedelta(hours=source.source.freshness_hours)
    # A resource that may be missing may be quiet as well: refunds don't come every day.
    is_required = source.source.resources[name].required
    if is_required and clock is not None and instant is not None and clock - instant > allowed:
        hours = int((clock - instant).total_seconds() // 3600)
        return "late", f"newest row is {hours} hours old, {source.source.freshness_hours} are allowed"
    if reading.tables is None:
        return "ok", "nothing new" if reading.rows_seen or not reading.known_columns else "no new or changed file"
    return "ok", ""


def _newest(source: ConnectedSource, raw: RawSchema, name: str, loaded_at: datetime) -> object:
    column, text_format = source.time_of(source.source.resources[name])
    return None if column is None else raw.newest(name, raw_column(column), loaded_at + AHEAD, text_format)


def _shown(value: object) -> str | None:
    if value is None:
        return None
    return value.isoformat() if isinstance(value, datetime | date) else str(value)
