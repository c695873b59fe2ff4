"""Rules of hand-over 1 from `sources.yml`: what each mapped column must be, and what a table must bring."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from expectations.declared import DeclaredColumn, Kind, row_rules
from expectations.predicates import RawColumn, company_day, instant, literal
from expectations.requests import ResourceRules, RowRule
from stillhere.connectors import raw_column
from stillhere.settings import ColumnMap, RelationMap, Resource, Settings, Source

# What a column of the account model holds, and so what its raw column must be. Others may hold anything.
KINDS: dict[str, Kind] = {
    "account_id": "id",
    "created_at": "time",
    "occurred_at": "time",
    "known_at": "time",
    "issued_at": "time",
    "paid_at": "time",
    "consent_at": "time",
    "requested_at": "time",
    "cancel_requested_at": "time",
    "valid_from": "planned_time",
    "valid_to": "planned_time",
    "ends_at": "planned_time",
    "due_at": "planned_time",
    "effective_at": "planned_time",
    "mrr_minor": "amount",
    "amount_minor": "amount",
    "refunded_minor": "amount",
    "value": "amount",
    "email": "email",
    "currency": "currency",
}
NEEDED = ("account_id", "occurred_at", "valid_from", "issued_at", "requested_at", "mrr_minor", "amount_minor")
# Tables of events that a staging of our own reads, and no mapping: vendor and resource to the time of the event.
VENDOR_EVENTS = {("demo_usage", "events"): "occurred_at"}
SMALLEST_EPOCH = 10**8  # below, a numeric cursor is a running number and tells no time


def raw_rules(settings: Settings, as_of: date) -> tuple[list[RowRule], list[ResourceRules]]:
    """All rules of hand-over 1, for the columns that raw has now."""
    types = _raw_types(settings.places.raw_database)
    currencies = tuple(sorted(settings.company.all_rates))
    rules: list[RowRule] = []
    resources: list[ResourceRules] = []
    for name, source in settings.sources.sources.items():
        for resource_name, resource in source.resources.items():
            columns = types.get((name, resource_name), {})
            declared = declared_columns(source, resource)
            rules += row_rules(name, resource_name, declared, columns, as_of, currencies)
            resources.append(_resource_rules(settings, name, resource_name, columns, as_of))
    return rules, resources


def declared_columns(source: Source, resource: Resource) -> list[DeclaredColumn]:
    """What the mapping says of a resource's raw columns."""
    declared = [DeclaredColumn(raw_column(key), "id") for key in resource.key]
    for relation in resource.maps:
        where, where_columns = _where(relation)
        for target, column in relation.columns.items():
            kind = KINDS.get(target)
            if kind is None or column.from_column is None or (kind == "email" and not _only_contacts(resource)):
                continue
            declared.append(
                DeclaredColumn(
                    name=raw_column(column.from_column),
                    kind=kind,
                    needed=target in NEEDED,
                    zone=column.zone or source.zone,
                    strptime=column.format,
                    any_epoch=False,
                    decimal=column.decimal,
                    only_where_sql=where,
                    where_columns=where_columns,
                )
            )
    return declared


def _only_contacts(resource: Resource) -> bool:
    """A wrong address costs a contact its row, but must not cost an account or an order theirs."""
    return all(relation.to == "contacts" for relation in resource.maps)


def _where(relation: RelationMap) -> tuple[str | None, tuple[str, ...]]:
    if not relation.where:
        return None, ()
    columns = {raw_column(name): value for name, value in relation.where.items()}
    parts = [_equals(RawColumn(name, "").sql, value) for name, value in columns.items()]
    return " and ".join(parts), tuple(columns)


def _equals(column: str, value: object) -> str:
    if isinstance(value, bool):
        return f"lower(cast({column} as varchar)) = {literal(str(value).lower())}"
    return f"{column} is null" if value is None else f"cast({column} as varchar) = {literal(value)}"


def _resource_rules(
    settings: Settings, source_name: str, name: str, types: Mapping[str, str], as_of: date
) -> ResourceRules:
    source = settings.sources.sources[source_name]
    resource = source.resources[name]
    events = _event_time(resource)
    newness = _newness(settings, source_name, name, types)
    day = stamp = None
    happened = (events.from_column if events else None) or VENDOR_EVENTS.get((source.vendor, name), "")
    if raw_column(happened) in types:
        column = RawColumn(raw_column(happened), types[raw_column(happened)])
        zone, form = (events.zone, events.format) if events else (None, None)
        day = company_day(column, settings.company.timezone, zone or source.zone, form)
        stamp = _stamp(column)
    return ResourceRules(
        source=source_name,
        resource=name,
        required=resource.required,
        key=tuple(raw_column(key) for key in resource.key),
        freshness_hours=source.freshness_hours,
        instant_sql=newness.instant_sql if newness else None,
        instant_stamp_sql=newness.stamp_sql if newness else None,
        day_sql=day,
        day_stamp_sql=stamp,
        columns=_watched(resource),
        snapshot=source.kind == "sql" and resource.cursor is None,
        # On a day on which the company is closed, hardly anything is no news.
        daily=day is not None and as_of not in settings.company.closed_dates,
    )


def _event_time(resource: Resource) -> ColumnMap | None:
    times = [relation.columns["occurred_at"] for relation in resource.maps if "occurred_at" in relation.columns]
    return next((time for time in times if time.from_column), None)


@dataclass(frozen=True, slots=True)
class _Newness:
    """A row's time as an instant, and the raw column where the engine compares it as it stands."""

    instant_sql: str
    stamp_sql: str | None


def _newness(settings: Settings, source_name: str, name: str, types: Mapping[str, str]) -> _Newness | None:
    """How new a row is: when its event happened, else its cursor, where that is a time."""
    source = settings.sources.sources[source_name]
    resource = source.resources[name]
    events = _event_time(resource)
    if events is not None and events.from_column and raw_column(events.from_column) in types:
        column = RawColumn(raw_column(events.from_column), types[raw_column(events.from_column)])
        return _Newness(instant(column, events.zone or source.zone, events.format), _stamp(column))
    if resource.cursor is None or raw_column(resource.cursor) not in types:
        return None
    column = RawColumn(raw_column(resource.cursor), types[raw_column(resource.cursor)])
    if column.kind == "number" and not _is_epoch(settings.places.raw_database, source_name, name, column):
        return None
    return _Newness(instant(column, source.zone), _stamp(column))


def _stamp(column: RawColumn) -> str | None:
    return column.sql if column.kind in ("date", "instant", "local_time") else None


def _is_epoch(raw: Path, source: str, resource: str, column: RawColumn) -> bool:
    with duckdb.connect(str(raw), read_only=True) as connection:
        table = f"{RawColumn(source, '').sql}.{RawColumn(resource, '').sql}"
        row = connection.execute(f"select max({column.sql}) >= {SMALLEST_EPOCH} from {table}").fetchone()
    return bool(row and row[0])


def _watched(resource: Resource) -> tuple[str, ...] | None:
    """Columns that the mapping reads; None (all of them) where our own staging reads a vendor's table."""
    if not resource.maps:
        return None
    names = [column.from_column for relation in resource.maps for column in relation.columns.values()]
    names += [name for relation in resource.maps for name in relation.where]
    names += [resource.cursor, *resource.key]
    return tuple(sorted({raw_column(name) for name in names if name}))


def _raw_types(raw: Path) -> dict[tuple[str, str], dict[str, str]]:
    if not raw.is_file():
        return {}
    types: dict[tuple[str, str], dict[str, str]] = {}
    with duckdb.connect(str(raw), read_only=True) as connection:
        found = connection.execute(
            "select table_schema, table_name, column_name, data_type from information_schema.columns"
        ).fetchall()
    for schema, table, column, kind in found:
        types.setdefault((schema, table), {})[column] = kind
    return types
