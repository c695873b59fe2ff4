"""The three hand-overs as the night calls them: settings in, reports out."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from urllib.parse import urlsplit

import polars as pl

from expectations.outbox_reading import reading_files
from expectations.process import Checker
from expectations.quarantine import QuarantineCount, quarantine_rows
from expectations.report import GateReport, LoadDecision
from expectations.requests import Arrival, FeaturesRequest, Load, OutboxRequest, RawRequest
from stillhere.connectors import ResourceOutcome
from stillhere.gates.outbox_to_check import write_outbox_to_check
from stillhere.gates.raw_rules import raw_rules
from stillhere.settings import Settings
from stillhere.settings.company import Sender
from stillhere.warehouse.night_inputs import AcceptedLoad


@dataclass(frozen=True)
class RawVerdict:
    """What hand-over 1 decided: its report, with one decision for each new load, and what went to quarantine."""

    report: GateReport
    quarantined: tuple[QuarantineCount, ...]

    @property
    def accepted(self) -> tuple[AcceptedLoad, ...]:
        """New loads that staging may read, besides those accepted before."""
        return tuple(_place(load) for load in self.report.loads if load.state != "not_accepted")

    @property
    def refused(self) -> tuple[AcceptedLoad, ...]:
        """New loads that staging must not read; extraction reads their rows again."""
        return tuple(_place(load) for load in self.report.loads if load.state == "not_accepted")


def check_raw(
    checker: Checker,
    settings: Settings,
    as_of: date,
    now: datetime,
    outcomes: Sequence[ResourceOutcome],
    accepted: Collection[AcceptedLoad],
    taken: Mapping[AcceptedLoad, date] | None = None,
) -> RawVerdict:
    """Hand-over 1: judges the loads of tonight's extraction and writes their bad rows to quarantine.

    `accepted` are the loads of earlier nights; a load of `outcomes` that is among them is not judged again. `taken`
    are those of them that a person took as they are after a night had refused them, and that night: what is usual is
    counted from them. Raises CheckerError.
    """
    rules, resources = raw_rules(settings, as_of)
    new = _new_loads(outcomes, accepted)
    days = taken or {}
    before = [
        Load(load.source, load.resource, load.load_id, accepted=True, taken_on=days.get(load)) for load in accepted
    ]
    raw = settings.places.raw_database
    report = checker.check(
        RawRequest(
            database=raw,
            as_of=as_of,
            now=now,
            row_rules=tuple(rules),
            resources=tuple(resources),
            loads=(*before, *new),
            arrivals=_arrivals(settings, outcomes),
        )
    )
    if not report.loads:  # nothing new, or a file that could not be read
        return RawVerdict(report, ())
    broken = {(r.rule, r.source, r.resource) for r in report.results if r.scope == "row" and r.unexpected_count}
    counts = quarantine_rows(
        raw, [rule for rule in rules if (rule.rule, rule.source, rule.resource) in broken], new, as_of, now
    )
    return RawVerdict(report, tuple(counts))


def check_features(
    checker: Checker,
    settings: Settings,
    as_of: date,
    earlier_rows: Mapping[str, int] | None = None,
    *,
    model_learns: bool = True,
) -> GateReport:
    """Hand-over 2: checks the marts of this night. Nobody else may hold the warehouse. Raises CheckerError.

    `earlier_rows` is mart → rows of last night. `model_learns` is False where history is too short for a model.
    """
    request = FeaturesRequest(settings.places.warehouse, as_of, dict(earlier_rows or {}), model_learns)
    return checker.check(request)


def check_outbox(
    checker: Checker,
    settings: Settings,
    as_of: date,
    outbox: pl.DataFrame | Path,
    suppressed: Collection[str],
    decided: int,
) -> GateReport:
    """Hand-over 3: checks every message against the marts of this night. Raises CheckerError.

    `outbox` (rows, or a Parquet file) has the columns of `stillhere.mails.outbox.OUTBOX_SCHEMA`; `suppressed` are
    addresses that must get nothing; `decided` is how many messages were written. What they must
    say and what is read of them is written into files of its own beside them, which are removed again, for they hold
    addresses.
    """
    file = settings.places.scratch / f"outbox-{as_of.isoformat()}.duckdb"
    file.parent.mkdir(parents=True, exist_ok=True)
    _remove_checked(file.parent)
    sender = settings.company.sender
    own_page = sender.web_url if settings.environment.web_keys else None
    stops = [own_page, sender.unsubscribe_url, sender.unsubscribe_email and f"mailto:{sender.unsubscribe_email}"]
    try:
        write_outbox_to_check(file, settings, outbox, suppressed)
        return checker.check(
            OutboxRequest(
                database=file,
                as_of=as_of,
                messages=decided,
                unsubscribe_starts=tuple(stop for stop in stops if stop),
                postal_address=sender.postal_address or "",
                link_domains=link_domains(sender),
            )
        )
    finally:
        _remove_checked(file.parent)


def _remove_checked(scratch: Path) -> None:
    """What a check wrote, of a night that was killed in the midst of it too, with what DuckDB had spilled."""
    readings, claims = reading_files(Path("outbox-*.duckdb"))
    for pattern in ("outbox-*.duckdb", "outbox-*.duckdb.*", readings.name, claims.name):
        for found in scratch.glob(pattern):
            if found.is_dir():
                shutil.rmtree(found)
            else:
                found.unlink()


def link_domains(sender: Sender) -> tuple[str, ...]:
    """The domains that are ours: of our addresses and pages, and those that `company.yml` names besides."""
    addresses = (sender.email, sender.reply_to, sender.unsubscribe_email)
    pages = (sender.web_url, sender.unsubscribe_url)
    found = [address.rpartition("@")[2] for address in addresses if address]
    found += [host for page in pages if page and (host := urlsplit(page).hostname)]
    return tuple(sorted({domain.lower() for domain in (*found, *sender.link_domains)}))


def _new_loads(outcomes: Sequence[ResourceOutcome], accepted: Collection[AcceptedLoad]) -> list[Load]:
    known = set(accepted)
    places = {AcceptedLoad(one.source, one.resource, one.load_id): None for one in outcomes if one.load_id}
    return [Load(place.source, place.resource, place.load_id) for place in places if place not in known]


def _arrivals(settings: Settings, outcomes: Sequence[ResourceOutcome]) -> tuple[Arrival, ...]:
    """What extraction did, one a resource; of several loads (after a crash) the last speaks, for it read the source."""
    last = {(outcome.source, outcome.resource): outcome for outcome in outcomes}
    return tuple(
        Arrival(
            source=outcome.source,
            resource=outcome.resource,
            state=outcome.state,
            # Files that have not changed are not opened, which is no sign of an empty source.
            rows_seen=None
            if settings.sources.sources[outcome.source].kind != "sql" and not outcome.rows_seen
            else outcome.rows_seen,
            missing_columns=outcome.missing_columns,
        )
        for outcome in last.values()
    )


def _place(load: LoadDecision) -> AcceptedLoad:
    return AcceptedLoad(load.source, load.resource, load.load_id)
