"""The newest day of data, read from the sources themselves: the clock of companies whose data stand still."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from stillhere.connectors.cursors import cursor_instant
from stillhere.connectors.file_listing import Rejects, list_files
from stillhere.connectors.files import newest_in_parquet, read_files
from stillhere.connectors.names import raw_column
from stillhere.connectors.retrying import retrying
from stillhere.connectors.source import ConnectedSource, SourceError, connected_sources, spelled
from stillhere.connectors.times import parse_time
from stillhere.settings import Resource, Settings

if TYPE_CHECKING:
    import pyarrow as pa

FUTURE_DAYS = 2  # zones and clocks that run ahead; what hand-over 1 allows as well


def latest_event_day(settings: Settings, now: datetime, environment: Mapping[str, str] | None = None) -> date | None:
    """The last day, in the company's zone, on which something happened at a customer; None without any event.

    Asked are the resources that are mapped to activity, else files with a cursor (usage logs), else tables with one.
    A mapped day well after `now` is a typing error, unless all of them are. A source that cannot be reached is left
    out. An unfinished last day is the company's to name (`last_complete_day`).
    """
    newest_believed = now.date() + timedelta(days=FUTURE_DAYS)
    sources = connected_sources(settings, environment)
    for asked in (_mapped_events(sources), _cursors(sources, files=True), _cursors(sources, files=False)):
        days = [
            day
            for source, resource, column, form in asked
            if (day := _newest_day(settings, source, resource, column, form, newest_believed))
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


def _newest_day(
    settings: Settings, source: ConnectedSource, name: str, column: str, form: str | None, believed: date
) -> date | None:
    mapped = bool(source.source.resources[name].maps)
    try:
        days = retrying(lambda: _days(settings, source, name, column, form, every=False))
        if not days or (mapped and max(days) > believed):  # a word sorts after every day, and so does a wrong year
            days = retrying(lambda: _days(settings, source, name, column, form, every=True))
    except Exception:  # an unreachable source has no say here; extraction tells what is wrong with it
        return None
    return max([day for day in days if day <= believed or not mapped] or days, default=None)


def _days(
    settings: Settings, source: ConnectedSource, name: str, column: str, form: str | None, *, every: bool
) -> list[date]:
    zone = ZoneInfo(source.source.zone)
    values = _values(source, name, source.source.resources[name], column, every=every or bool(form))
    return [day for value in values if (day := _day(value, form, zone, settings.company.zone))]


def _values(source: ConnectedSource, name: str, resource: Resource, column: str, *, every: bool) -> Iterator[Any]:
    """The largest values of a column, or every distinct one: text in a format does not sort by time."""
    if source.source.kind == "sql":
        from stillhere.connectors.sql import open_database

        table = resource.table or name
        with open_database(source.url) as reader:
            vendors = spelled(reader.columns(table), column)
            yield from reader.distinct(table, vendors) if every else [reader.newest(table, vendors)]
        return
    files = list_files(source.pattern(resource))
    if source.source.kind == "parquet" and not every:
        yield newest_in_parquet(files, column)
        return
    for table in read_files(source.source.kind, files, source.source.csv, Rejects()):
        yield from _largest(table, raw_column(column), every=every)


def _largest(table: pa.Table, column: str, *, every: bool) -> list[Any]:
    import pyarrow.compute as pc

    if column not in table.column_names:
        raise SourceError(f"no column {column!r}")
    values = table.column(column)
    if every:
        return list(pc.unique(values).to_pylist())
    return [pc.max(values).as_py()]


def _day(value: object, form: str | None, zone: ZoneInfo, company_zone: ZoneInfo) -> date | None:
    """The company's day of a value; a date without a time is that day wherever the company is."""
    if form and isinstance(value, int | float):
        value = str(value)
    if isinstance(value, str):
        value = parse_time(value.strip(), form)
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, datetime) and value.tzinfo is None:
        value = value.replace(tzinfo=zone)
    instant = cursor_instant(value)
    return None if instant is None else instant.astimezone(company_zone).date()
