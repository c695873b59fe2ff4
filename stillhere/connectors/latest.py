"""The newest day of data, read from the sources themselves: the clock of companies whose data stand still."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from stillhere.connectors.cursors import cursor_instant
from stillhere.connectors.files import Rejects, list_files, newest_in_parquet, read_files
from stillhere.connectors.names import raw_column
from stillhere.connectors.retrying import retrying
from stillhere.connectors.source import ConnectedSource, SourceError, connected_sources, spelled
from stillhere.connectors.times import parse_time
from stillhere.settings import Resource, Settings

if TYPE_CHECKING:
    import pyarrow as pa


def latest_event_day(settings: Settings, environment: Mapping[str, str] | None = None) -> date | None:
    """The last day, in the company's zone, on which something happened at a customer; None without any event.

    Asked are the resources that are mapped to activity, else files with a cursor (usage logs), else tables with one.
    A source that cannot be reached is left out. An unfinished last day is the company's to name (`last_complete_day`).
    """
    sources = connected_sources(settings, environment)
    for asked in (_mapped_events(sources), _cursors(sources, files=True), _cursors(sources, files=False)):
        days = [
            day
            for source, resource, column, form in asked
            if (day := _newest_day(settings, source, resource, column, form))
        ]
        if days:
            return max(days)
    return None


Asked = Iterator[tuple[ConnectedSource, str, str, str | None]]


def _mapped_events(sources: tuple[ConnectedSource, ...]) -> Asked:
    for source in sources:
        for name, resource in source.source.resources.items():
            for mapped in resource.maps:
                when = mapped.columns.get("occurred_at")
                if mapped.to == "activity" and when is not None and when.from_column:
                    yield source, name, when.from_column, when.format


def _cursors(sources: tuple[ConnectedSource, ...], *, files: bool) -> Asked:
    for source in sources:
        if (source.source.kind != "sql") == files:
            for name, resource in source.source.resources.items():
                if resource.cursor:
                    yield source, name, resource.cursor, None


def _newest_day(settings: Settings, source: ConnectedSource, name: str, column: str, form: str | None) -> date | None:
    resource = source.source.resources[name]
    zone = ZoneInfo(source.source.zone)
    try:
        values = retrying(lambda: list(_newest_values(source, name, resource, column, form)))
    except Exception:  # an unreachable source has no say here; extraction tells what is wrong with it
        return None
    days = [day for value in values if (day := _day(value, form, zone, settings.company.zone))]
    return max(days, default=None)


def _newest_values(
    source: ConnectedSource, name: str, resource: Resource, column: str, form: str | None
) -> Iterator[Any]:
    """The largest values of a column; every distinct one where text does not sort by time."""
    if source.source.kind == "sql":
        from stillhere.connectors.sql import open_database

        table = resource.table or name
        with open_database(source.url) as reader:
            vendors = spelled(reader.columns(table), column)
            yield from reader.distinct(table, vendors) if form else [reader.newest(table, vendors)]
        return
    files = list_files(source.pattern(resource))
    if source.source.kind == "parquet" and not form:
        yield newest_in_parquet(files, column)
        return
    for table in read_files(source.source.kind, files, source.source.csv, Rejects()):
        yield from _largest(table, raw_column(column), form)


def _largest(table: pa.Table, column: str, form: str | None) -> list[Any]:
    import pyarrow.compute as pc

    if column not in table.column_names:
        raise SourceError(f"no column {column!r}")
    values = table.column(column)
    if form:
        return list(pc.unique(values).to_pylist())
    return [pc.max(values).as_py()]


def _day(value: object, form: str | None, zone: ZoneInfo, company_zone: ZoneInfo) -> date | None:
    """The company's day of a value; a date without a time is that day wherever the company is."""
    if isinstance(value, str):
        value = parse_time(value.strip(), form)
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, datetime) and value.tzinfo is None:
        value = value.replace(tzinfo=zone)
    instant = cursor_instant(value)
    return None if instant is None else instant.astimezone(company_zone).date()
