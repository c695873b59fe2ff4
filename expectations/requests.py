"""What the night asks the checking process, and how it travels: one JSON line a request, one a report.

Nothing here imports Great Expectations, so that asking costs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from expectations.report import GateReport

ArrivalState = Literal["ok", "late", "partial", "failed"]


@dataclass(frozen=True, slots=True)
class RowRule:
    """One rule on the rows of one raw table: Great Expectations judges what breaks it, our own SQL quarantines it.

    `predicate_sql` is true for a good row; false and null both mean bad.
    """

    rule: str
    source: str
    resource: str
    predicate_sql: str
    reason: str
    """Why a row is bad, in words for people."""
    needs_columns: tuple[str, ...] = ()
    """Raw columns that the predicate reads; one that is missing fails the table."""


@dataclass(frozen=True, slots=True)
class ResourceRules:
    """The rules on one raw table as a whole."""

    source: str
    resource: str
    required: bool = True
    key: tuple[str, ...] = ()
    freshness_hours: int | None = None
    """The source may be this old: its newest row in any of its tables. None: it is not judged."""
    instant_sql: str | None = None
    """A row's time as TIMESTAMP WITH TIME ZONE; None: rows have no time."""
    day_sql: str | None = None
    """The company's day of a row; None: rows have no time."""
    instant_stamp_sql: str | None = None
    """The raw column of `instant_sql` where the engine compares it as it stands: within a day of the row's time in any
    zone, so that rows far off need not be read. None: each value has to be understood first."""
    day_stamp_sql: str | None = None
    """The same for `day_sql`, which reads no other column."""
    columns: tuple[str, ...] | None = None
    """Columns that must not disappear; None: all that were ever there."""
    snapshot: bool = False
    """Each load holds the whole table as it was, so only the newest counts."""
    daily: bool = False
    """Rows come every day (events, not master data), so a day's count can be held against other days."""


@dataclass(frozen=True, slots=True)
class Load:
    """One load of one resource in raw; staging reads the accepted ones."""

    source: str
    resource: str
    load_id: str
    accepted: bool = False
    taken_on: date | None = None
    """The day whose rows a person took as they are, after this load had been refused; None: no gate refused it."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """What extraction did with one resource tonight."""

    source: str
    resource: str
    state: ArrivalState = "ok"
    rows_seen: int | None = None
    """Rows looked at in the source, changed or not; None: nothing was looked at, for no file has changed."""
    missing_columns: tuple[str, ...] = ()
    """Columns that raw knows and the source no longer gives."""


@dataclass(frozen=True, slots=True)
class RawRequest:
    """Hand-over 1: are tonight's loads fit to be read?"""

    database: Path
    as_of: date
    now: datetime
    row_rules: tuple[RowRule, ...]
    resources: tuple[ResourceRules, ...]
    loads: tuple[Load, ...]
    """All loads in raw that count: accepted ones, and every one not accepted yet."""
    arrivals: tuple[Arrival, ...] = ()
    gate: Literal["raw"] = "raw"


@dataclass(frozen=True, slots=True)
class FeaturesRequest:
    """Hand-over 2: is what the model reads, and what lists and mails say, plausible?"""

    database: Path
    as_of: date
    earlier_rows: dict[str, int] = field(default_factory=dict)
    """Rows of each mart last night; a mart that is not named is not compared."""
    model_learns: bool = True
    """False where history is too short for a model: a panel with one label only is then no surprise."""
    gate: Literal["features"] = "features"


@dataclass(frozen=True, slots=True)
class OutboxRequest:
    """Hand-over 3: may these messages leave?

    The file holds `outbox` (one row a message: message_id, campaign, language, email, account_id, subject, text, html,
    claims_json with name → {raw, shown}), `expected` (message_id, name, kind, value, unit: what each claim must say;
    kind is text, number, money in minor units, day, or words for a sentence; unit is money's currency as the reader
    writes it, or the whole sentence), `suppressions` (email), `recipients` (message_id, email: whom the night knows
    under the message's contact), `literals` (campaign, language, numbers, addresses: what the approved words say
    themselves) and `offers` (campaign, valid_from, valid_to).
    """

    database: Path
    as_of: date
    messages: int
    """How many were decided; exactly so many must be there."""
    unsubscribe_starts: tuple[str, ...] = ()
    """How a way to unsubscribe begins in this company's mails; every message must hold one of them."""
    postal_address: str = ""
    """Every message must hold it."""
    link_domains: tuple[str, ...] = ()
    """Domains that links may lead to, their subdomains included; where none is known, links are only to be https."""
    gate: Literal["outbox"] = "outbox"


Request = Annotated[RawRequest | FeaturesRequest | OutboxRequest, Field(discriminator="gate")]


@dataclass(frozen=True, slots=True)
class Answer:
    """What comes back: a report, or why there is none."""

    report: GateReport | None = None
    error: str | None = None


REQUESTS: TypeAdapter[RawRequest | FeaturesRequest | OutboxRequest] = TypeAdapter(Request)
ANSWERS: TypeAdapter[Answer] = TypeAdapter(Answer)
REPORTS: TypeAdapter[GateReport] = TypeAdapter(GateReport)


def report_to_json(report: GateReport) -> str:
    """A report as one line of JSON."""
    return REPORTS.dump_json(report).decode()


def report_from_json(text: str) -> GateReport:
    """The report that `report_to_json` wrote."""
    return REPORTS.validate_json(text)
