"""Extracts one source: reads what is new, hands it to dlt as one load, and says how it went."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from stillhere.connectors.load import load_tables
from stillhere.connectors.outcomes import ResourceOutcome
from stillhere.connectors.raw import FILES_TABLE, RawSchema, open_raw
from stillhere.connectors.reading import Batch, Reading, read_resource_files, read_table
from stillhere.connectors.retrying import plainly, retrying
from stillhere.connectors.source import ConnectedSource
from stillhere.connectors.stamp import files_table, stamped
from stillhere.connectors.summary import cut_short, outcome

if TYPE_CHECKING:
    import pyarrow as pa


def extract_source(
    source: ConnectedSource,
    loaded_at: datetime,
    *,
    full: bool = False,
    refused: Collection[str] = (),
    accepted: Collection[str] | None = None,
    clock: datetime | None = None,
) -> list[ResourceOutcome]:
    """Appends what is new in a source to raw; one outcome a resource, and no exception for a source that fails.

    `loaded_at` (with a zone) is written to `_loaded_at` in UTC. `full` reads everything again and appends what differs.
    `refused` are load ids that a gate did not accept: their rows don't count as known and come again.
    `accepted`, where given, makes finished loads that are in neither set outcomes of their own, before the others: a
    run was cut short between loading and the hand-over. `clock` is the night's now for freshness; without it nothing
    is called late. Raises WarehouseBusyError when another process holds the raw database.
    """
    at = loaded_at.astimezone(UTC)
    with open_raw(source.places.raw_database) as connection:
        raw = RawSchema(connection, source.name, refused)
        raw.remove_unfinished()
        token = _token(source.name, at, raw.finished_loads())
        batch = _read(source, raw, at, full=full)
    _load(source, batch, token, at)
    with open_raw(source.places.raw_database) as connection:
        raw = RawSchema(connection, source.name, refused)
        outcomes = [outcome(source, raw, batch, name, at, clock) for name in source.source.resources]
        if accepted is None:
            return outcomes
        return [*cut_short(source, raw, {*accepted, *refused, batch.load_id}), *outcomes]


def _token(source: str, loaded_at: datetime, finished: int) -> str:
    """What the row ids of this load begin with; the same run over the same raw makes the same ids."""
    return hashlib.blake2s(f"{source}|{loaded_at.isoformat()}|{finished}".encode(), digest_size=6).hexdigest()


def _read(source: ConnectedSource, raw: RawSchema, loaded_at: datetime, *, full: bool) -> Batch:
    batch = Batch()
    with ExitStack() as stack:
        readers: dict[str, Callable[[], Reading]] = {}
        if source.source.kind == "sql":
            from stillhere.connectors.sql import open_database

            try:
                database = retrying(lambda: stack.enter_context(open_database(source.url)))
            except Exception as error:  # whatever a driver raises: the night goes on without this source
                batch.failed = dict.fromkeys(source.source.resources, plainly(error, source.password))
                return batch
            for name, resource in source.source.resources.items():
                readers[name] = _later(read_table, database, raw, name, resource, loaded_at, full=full)
        else:
            for name, resource in source.source.resources.items():
                readers[name] = _later(read_resource_files, source, raw, name, resource, full=full)
        for name, read in readers.items():
            _attempt(batch, name, read)
    return batch


def _later(read: Callable[..., Reading], *arguments: object, full: bool) -> Callable[[], Reading]:
    return lambda: read(*arguments, full=full)


def _attempt(batch: Batch, name: str, read: Callable[[], Reading]) -> None:
    started = time.perf_counter()
    try:
        batch.readings[name] = retrying(read)
    except Exception as error:  # as above: one resource must not take the others with it
        batch.failed[name] = plainly(error)
    batch.seconds[name] = time.perf_counter() - started


def _load(source: ConnectedSource, batch: Batch, token: str, loaded_at: datetime) -> None:
    """One dlt load of all that is new. What cannot be read to its end is left out, and the rest tried again."""
    while tables := _tables(batch, token, loaded_at, broken := dict[str, str]()):
        started = time.perf_counter()
        try:
            batch.load_id = load_tables(source.places, source.name, tables)
        except Exception as error:
            failed = broken or dict.fromkeys(batch.readings, plainly(error))
            batch.failed |= failed
            batch.readings = {name: reading for name, reading in batch.readings.items() if name not in failed}
            continue
        for name in tables:
            if name in batch.seconds:
                batch.seconds[name] += time.perf_counter() - started
        return


def _tables(batch: Batch, token: str, loaded_at: datetime, broken: dict[str, str]) -> dict[str, Iterator[pa.Table]]:
    """What dlt shall load, the ledger of files included; `broken` gets the resource whose rows could not be read on."""
    tables = {
        name: _watched(name, stamped(reading.tables(), f"{token}{number:02d}", loaded_at), broken)
        for number, (name, reading) in enumerate(batch.readings.items())
        if reading.tables is not None
    }
    ledger = files_table({name: reading.files for name, reading in batch.readings.items()})
    if ledger is not None:
        tables[FILES_TABLE] = stamped([ledger], f"{token}ff", loaded_at)
    return tables


def _watched(name: str, tables: Iterator[pa.Table], broken: dict[str, str]) -> Iterator[pa.Table]:
    try:
        yield from tables
    except Exception as error:
        broken[name] = plainly(error)
        raise
