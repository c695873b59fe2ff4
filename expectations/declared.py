"""Row rules from what is known of a raw table's columns: which is a key, a time, an amount, an address.

The same few kinds of column serve every vendor, whether a mapping in `sources.yml` names them or we do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from expectations.predicates import (
    RawColumn,
    is_amount,
    is_email,
    is_known_time,
    is_missing_or,
    is_one_of,
    is_present,
    is_time,
)
from expectations.requests import RowRule

Kind = Literal["id", "time", "planned_time", "amount", "email", "currency"]

REASONS: dict[Kind, str] = {
    "id": "{name} is missing",
    "time": "{name} is no time between 1990 and the night",
    "planned_time": "{name} is no time after 1990",
    "amount": "{name} is no number",
    "email": "{name} is no e-mail address",
    "currency": "{name} is no currency with a rate",
}
SUFFIXES: dict[Kind, str] = {
    "id": "present",
    "time": "time",
    "planned_time": "time",
    "amount": "number",
    "email": "email",
    "currency": "currency",
}


@dataclass(frozen=True, slots=True)
class DeclaredColumn:
    """What one raw column holds."""

    name: str
    kind: Kind
    needed: bool = True
    """A row without it is bad. Otherwise only a wrong value is."""
    zone: str = "UTC"
    strptime: str | None = None
    any_epoch: bool = True
    """A number is a time by its size. Otherwise only with a format that says so."""
    decimal: Literal[".", ","] = "."
    only_where_sql: str | None = None
    """Rows that the rule is about; None: all."""
    where_columns: tuple[str, ...] = ()
    """Raw columns that `only_where_sql` reads."""


def row_rules(
    source: str,
    resource: str,
    declared: Iterable[DeclaredColumn],
    types: Mapping[str, str],
    as_of: date,
    currencies: tuple[str, ...],
) -> list[RowRule]:
    """One rule for each different declaration. `types`: raw column → DuckDB type; a column that is not in it fails."""
    rules: dict[str, RowRule] = {}
    for column in dict.fromkeys(declared):
        base = f"{column.name}_{SUFFIXES[column.kind]}"
        name, number = base, 2
        while name in rules:
            name, number = f"{base}_{number}", number + 1
        rules[name] = RowRule(
            rule=name,
            source=source,
            resource=resource,
            predicate_sql=_predicate(column, types, as_of, currencies),
            reason=REASONS[column.kind].format(name=column.name),
            needs_columns=tuple(dict.fromkeys((column.name, *column.where_columns))),
        )
    return list(rules.values())


def _predicate(column: DeclaredColumn, types: Mapping[str, str], as_of: date, currencies: tuple[str, ...]) -> str:
    raw = RawColumn(column.name, types.get(column.name, "VARCHAR"))
    predicate = _of_kind(column, raw, as_of, currencies)
    if not column.needed:
        predicate = is_missing_or(raw, predicate)
    if column.only_where_sql is not None:
        predicate = f"not coalesce(({column.only_where_sql}), false) or ({predicate})"
    return predicate


def _of_kind(column: DeclaredColumn, raw: RawColumn, as_of: date, currencies: tuple[str, ...]) -> str:
    if "time" in column.kind and raw.kind == "number" and column.strptime is None and not column.any_epoch:
        return "false"  # staging would read a bare number as no time at all
    match column.kind:
        case "id":
            return is_present(raw)
        case "time":
            return is_time(raw, as_of, column.zone, column.strptime)
        case "planned_time":
            return is_known_time(raw, column.zone, column.strptime)
        case "amount":
            return is_amount(raw, column.decimal)
        case "email":
            return is_email(raw)
        case "currency":
            return is_one_of(raw, currencies)
