"""All exports of a company understood together: the settings that `init` proposes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Literal

from stillhere.connectors.guess.asking import Asker, UnansweredError, wrong_currency, wrong_rate, wrong_zone
from stillhere.connectors.guess.facts import Facts, facts_of
from stillhere.connectors.guess.money import (
    country_of,
    currencies_in,
    currency_beside,
    currency_column,
    currency_of,
    is_currency,
    zone_of,
)
from stillhere.connectors.guess.profile import Column
from stillhere.connectors.guess.rhythm import Windows, last_complete_day, windows
from stillhere.connectors.guess.roles import guess_roles
from stillhere.connectors.guess.understand import Understood, understand

AMOUNT_TARGETS = ("value", "mrr_minor", "amount_minor", "refunded_minor")
# What people give as the currency when nothing hints at one.
LIKELIEST = ("EUR", "USD", "GBP", "CHF")


@dataclass(frozen=True, slots=True)
class Told:
    """What the options of the command said; None is left to the data."""

    columns: Mapping[str, str] = field(default_factory=dict)
    date_format: str | None = None
    zone: str | None = None
    currency: str | None = None
    kind: Literal["shop", "contract"] | None = None
    rates: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(slots=True)
class Proposal:
    """Everything that the company's folder is written from."""

    name: str
    events: Understood
    others: list[Understood]
    kind: Literal["shop", "contract"]
    zone: str
    currency: str
    rates: dict[str, Decimal]
    facts: Facts
    windows: Windows
    last_complete_day: date | None
    """Written where the data's own last day will not do."""
    cut_off_day: bool
    notes: list[str]

    @property
    def exports(self) -> list[Understood]:
        """All exports, the events first."""
        return [self.events, *self.others]

    @property
    def can_write(self) -> bool:
        """Whether any export has e-mail addresses."""
        return any(
            "email" in columns
            for understood in self.exports
            for columns in (understood.columns, *extra_maps(understood, self.relations).values())
        )

    @property
    def relations(self) -> set[str]:
        """The relations that have a file of their own."""
        return {understood.relation for understood in self.exports}


def propose(name: str, files: Mapping[str, Path], told: Told, asker: Asker, today: date) -> Proposal:
    """Understands the events first, then the other exports by the accounts the events know.

    A single day far after the rest and before `today` would be taken for the last one by every night, so it is named.
    `files` are paths or globs by relation; `activity` must be there. Raises UnreadableError or UnansweredError.
    """
    events = understand("activity", files["activity"], asker, told.columns, told.date_format)
    known = events.accounts()
    others = [
        understand(relation, path, asker, {}, told.date_format, known)
        for relation, path in files.items()
        if relation != "activity"
    ]
    country = country_of(understood.export for understood in [events, *others])
    currency, rates, notes = _money(events, others, country, told, asker)
    zone = told.zone or asker.text("In which time zone are the times?", zone_of(country) or "UTC", "--zone", wrong_zone)
    facts = facts_of(events)
    if facts.last_day is None:
        raise UnansweredError(f"{events.pattern.name}: no time could be read; give --time-column or --date-format")
    kind = told.kind or ("contract" if "subscriptions" in files else "shop")
    unfinished = last_complete_day(facts.days)
    misled = any(facts.last_day < day <= today for day in facts.strays)
    return Proposal(
        name=name,
        events=events,
        others=others,
        kind=kind,
        zone=zone,
        currency=currency,
        rates=rates,
        facts=facts,
        windows=windows(kind, facts.history_days, facts.gap_p50, facts.gap_p90),
        last_complete_day=unfinished or (facts.last_day if misled else None),
        cut_off_day=unfinished is not None,
        notes=[*notes, *_notes(events, others, facts, known)],
    )


def _money(
    events: Understood, others: list[Understood], country: str | None, told: Told, asker: Asker
) -> tuple[str, dict[str, Decimal], list[str]]:
    notes: list[str] = []
    used: list[str] = []
    for understood in others:
        used += currencies_in(understood.export, understood.columns.get("currency"))
    in_events = currencies_in(events.export, currency_column(events.export))
    if len(in_events) > 1 and "value" in events.columns:
        del events.columns["value"]
        notes.append(f"{events.pattern.name}: amounts in {', '.join(in_events)} are left out; one currency is needed")
        in_events = []
    used = list(dict.fromkeys([*in_events, *used]))
    amounts = [u.columns[t] for u in [events, *others] for t in AMOUNT_TARGETS if t in u.columns]
    currency = told.currency or (used[0] if used else currency_beside(amounts))
    if currency is None:
        guess = currency_of(country) or LIKELIEST[0]
        currency = (
            asker.text("Which currency are the amounts in?", guess, "--currency", wrong_currency) if amounts else guess
        )
    currency = currency.strip().upper()
    if not is_currency(currency):
        raise UnansweredError(f"{currency!r} is no currency; give --currency with three letters, like EUR")
    rates = {currency: Decimal(1)}
    for code in used:
        if code != currency:
            question = f"What is 1 {code} in {currency}?"
            rates[code] = told.rates.get(code) or Decimal(asker.text(question, None, f"--rate {code}=...", wrong_rate))
    return currency, rates, notes


def _notes(events: Understood, others: list[Understood], facts: Facts, known: set[str]) -> list[str]:
    """What a person should know before trusting the reading."""
    notes = []
    for understood in [events, *others]:
        if understood.rejects.lines:
            where = f"{understood.rejects.lines}, first: {understood.rejects.first}"
            notes.append(f"{understood.pattern.name}: lines with a wrong number of fields are left out ({where})")
    if facts.unread_times:
        notes.append(
            f"{events.pattern.name}: {facts.unread_times} of {facts.events} rows have no time that can be read"
        )
    if facts.strays:
        days = ", ".join(str(day) for day in sorted(facts.strays)[:3])
        notes.append(f"{events.pattern.name}: rows dated far from all others look like typing errors ({days})")
    if facts.negative_values:
        notes.append(
            f"{events.pattern.name}: {facts.negative_values} rows have an amount below 0; they count as events. "
            "Where a column marks cancellations, add it under 'where' in sources.yml"
        )
    for understood in others:
        shared = len(understood.accounts() & known) / max(len(known), 1)
        if shared < 0.5:
            column = understood.columns["account_id"].heading
            notes.append(
                f"{understood.pattern.name}: only {shared:.0%} of the customers with events are in {column!r}; "
                "check that both files write customer ids alike"
            )
    return notes


def extra_maps(understood: Understood, relations: Collection[str]) -> dict[str, dict[str, Column]]:
    """Accounts and people that an export names beside its own matter, where no file of their own was given."""
    wanted = {"activity": ("accounts", "contacts"), "accounts": ("contacts",)}.get(understood.relation, ())
    account = {"account_id": understood.columns["account_id"]}
    found = {
        relation: guess_roles(understood.export, relation, account).columns
        for relation in wanted
        if relation not in relations
    }
    used = {c.name for t, c in understood.columns.items() if t != "account_id"}
    kept = {relation: {t: c for t, c in columns.items() if c.name not in used} for relation, columns in found.items()}
    return {
        relation: columns
        for relation, columns in kept.items()
        if len(columns) > 1 and (relation != "contacts" or "email" in columns)
    }
