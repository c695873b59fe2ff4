"""`sources.yml`: where the company's data lies and what its columns mean."""

from __future__ import annotations

import codecs
import re
from typing import Annotated, Any, Literal, Self
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field, model_validator

from stillhere.settings.model import ConfigurationModel

NAME_PATTERN = r"^[a-z][a-z0-9_]{0,62}$"

AccountModelRelation = Literal["accounts", "contacts", "subscriptions", "invoices", "activity", "exits", "coupons"]

# What must be mapped for a relation to make sense at all (DESIGN.md, the account model).
NEEDED_COLUMNS: dict[str, tuple[str, ...]] = {
    "accounts": ("account_id",),
    "contacts": ("account_id",),
    "subscriptions": ("account_id", "valid_from", "mrr_minor"),
    "invoices": ("account_id", "issued_at", "amount_minor"),
    "activity": ("account_id", "occurred_at"),
    "exits": ("account_id", "requested_at"),
    "coupons": ("code",),
}

# A password written out: between the user and the host, and no ${VARIABLE}.
WRITTEN_PASSWORD = re.compile(r"://[^:/@]*:(?!\$\{[A-Za-z_][A-Za-z0-9_]*\}@)[^@]+@")


def _known_zone(zone: str) -> str:
    if zone not in available_timezones():
        raise ValueError(f"{zone!r} is no time zone of the tz database, like Europe/Berlin")
    return zone


def _known_encoding(encoding: str) -> str:
    try:
        codecs.lookup(encoding)
    except LookupError:
        raise ValueError(f"{encoding!r} is no encoding, like utf-8 or cp1252") from None
    return encoding


def _without_password(url: str) -> str:
    if WRITTEN_PASSWORD.search(url):
        raise ValueError("holds a password; write ${NAME} in its place and export NAME")
    return url


Zone = Annotated[str, AfterValidator(_known_zone)]


class CsvFormat(ConfigurationModel):
    """How a CSV file is written."""

    delimiter: str = Field(default=",", min_length=1, max_length=1)
    encoding: Annotated[str, AfterValidator(_known_encoding)] = "utf-8"
    decimal: Literal[".", ","] = "."
    quote: str = Field(default='"', min_length=1, max_length=1)
    skip_lines: int = Field(default=0, ge=0, description="lines above the headings, such as a title or sep=;")


class ColumnMap(ConfigurationModel):
    """Where one column of the account model comes from: a column of the resource, or a constant."""

    from_column: str | None = Field(default=None, alias="from")
    value: str | None = None
    format: str | None = Field(default=None, description="strptime format, when the time is text")
    zone: Zone | None = Field(default=None, description="zone of a time without one; default the source's")
    unit: Literal["major", "minor"] | None = Field(default=None, description="of an amount")
    decimal: Literal[".", ","] = "."

    @model_validator(mode="after")
    def _either_column_or_constant(self) -> Self:
        if (self.from_column is None) == (self.value is None):
            raise ValueError("needs either 'from' (a column) or 'value' (a constant)")
        return self


class RelationMap(ConfigurationModel):
    """How rows of a resource become rows of one relation of the account model."""

    to: AccountModelRelation
    columns: dict[str, ColumnMap]
    where: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _needed_columns_are_mapped(self) -> Self:
        missing = [name for name in NEEDED_COLUMNS[self.to] if name not in self.columns]
        if missing:
            raise ValueError(f"{self.to} needs {', '.join(missing)}")
        return self


class Resource(ConfigurationModel):
    """One table, or one set of files, of a source."""

    table: str | None = None
    path: str | None = None
    key: tuple[str, ...] = ()
    cursor: str | None = None
    overlap_days: int = Field(default=0, ge=0, le=366)
    required: bool = True
    maps: tuple[RelationMap, ...] = ()


class Source(ConfigurationModel):
    """A database or a set of files, in its vendor's shape."""

    kind: Literal["sql", "csv", "jsonl", "parquet"]
    url: Annotated[str, AfterValidator(_without_password)] | None = None
    path: str | None = None
    vendor: str = Field(default="generic", pattern=NAME_PATTERN)
    zone: Zone = "UTC"
    freshness_hours: int = Field(default=48, ge=1)
    csv: CsvFormat = CsvFormat()
    resources: dict[str, Resource] = Field(min_length=1)

    @model_validator(mode="after")
    def _place_is_given(self) -> Self:
        if self.kind == "sql" and not self.url:
            raise ValueError("kind sql needs url, like sqlite:///{data}/crm.sqlite")
        if self.kind != "sql" and not self.path and any(not r.path for r in self.resources.values()):
            raise ValueError(f"kind {self.kind} needs path, on the source or on each resource")
        if self.vendor == "generic" and any(not resource.maps for resource in self.resources.values()):
            raise ValueError("a generic source needs 'maps' on each resource")
        return self


class Sources(ConfigurationModel):
    """The whole of `sources.yml`."""

    sources: dict[str, Source] = Field(min_length=1)

    @property
    def vendors(self) -> tuple[str, ...]:
        """The staging folders in use, sorted."""
        return tuple(sorted({source.vendor for source in self.sources.values()}))

    @property
    def relations(self) -> frozenset[AccountModelRelation]:
        """The relations of the account model that a generic source is mapped to."""
        return frozenset(
            relation.to
            for source in self.sources.values()
            for resource in source.resources.values()
            for relation in resource.maps
        )
