"""All that the night's report is made from: published marts, gate results, holds, and how messages left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import polars as pl
from sqlalchemy import Engine

from expectations.report import GateReport
from expectations.requests import report_from_json
from stillhere.campaigns.past import past_of
from stillhere.campaigns.why import Contacted
from stillhere.clock import end_of_day
from stillhere.operations.exit_answers import Quote, quotes
from stillhere.operations.gates import gate_reports_of
from stillhere.operations.holds import LIVE_RULES, Hold, holds_of
from stillhere.operations.ledger import rows_of
from stillhere.operations.loads import Arrived, arrivals_of
from stillhere.operations.open import reading
from stillhere.operations.runs import Mode
from stillhere.reports.marts import read_marts
from stillhere.settings import Campaign, Churn, Company, Segment, Settings
from stillhere.settings.goodbye import reason_words

if TYPE_CHECKING:  # a card needs scikit-learn to import, and screens should come at once
    from models.model import Card


@dataclass(frozen=True, slots=True)
class Handover:
    """How messages left: into previews, or for real through a sender.

    `settled` counts ledger rows: campaign, then status (`accepted`, `unknown`, `dropped` ...), then how many.
    """

    mode: Mode = "preview"
    sender: str = "files"
    settled: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


@dataclass(frozen=True)
class NightFacts:
    """One night, ready to be told. `marts` has a frame for every name in `marts.COLUMNS`, empty where there is none."""

    company: Company
    churn: Churn
    campaigns: tuple[Campaign, ...]
    segments: tuple[Segment, ...]
    as_of: date
    revision: int
    marts: Mapping[str, pl.DataFrame]
    gates: tuple[GateReport, ...] = ()
    holds: tuple[Hold, ...] = ()
    arrivals: tuple[Arrived, ...] = ()
    handover: Handover = Handover()
    model: Card | None = None
    contacts: Mapping[str, tuple[Contacted, ...]] = field(default_factory=dict)
    """Mails and calls of earlier live nights, by account, of those that the report draws."""
    reason_words: Mapping[str, str] = field(default_factory=dict)
    """The reasons of `goodbye.yml` in the company's language."""
    quotes: tuple[Quote, ...] = ()
    """What leaving customers wrote and allow to be shown, newest first."""

    @property
    def whole_send_held(self) -> bool:
        """Whether nothing at all may leave tonight."""
        return any(hold.scope == "night" and hold.released_at is None for hold in self.holds)

    @property
    def campaign_titles(self) -> dict[str, str]:
        """Titles by campaign id."""
        return {one.id: one.title for one in self.campaigns}

    def campaign_title(self, campaign: str) -> str:
        """A campaign's title, or its id when it is gone from the configuration."""
        return next((one.title for one in self.campaigns if one.id == campaign), campaign)


GATE_ORDER = ("raw", "features", "model", "outbox")


def read_night(
    settings: Settings, engine: Engine, as_of: date, revision: int, mode: Mode, model: Card | None = None
) -> NightFacts:
    """The facts of one night: its Parquet folder, and what the operations database keeps of it.

    A mart that is not there is empty. `model` is the card behind the night's chances, where there was a model.
    """
    found = gate_reports_of(engine, as_of, revision)
    marts = read_marts(settings.places.night_folder(as_of, revision))
    messages = set(marts["decisions"]["message_id"].drop_nulls())
    return NightFacts(
        company=settings.company,
        churn=settings.churn,
        campaigns=settings.campaigns,
        segments=settings.segments.segments,
        as_of=as_of,
        revision=revision,
        marts=marts,
        gates=tuple(report_from_json(found[gate]) for gate in GATE_ORDER if gate in found),
        holds=tuple(
            hold for hold in holds_of(engine, as_of, revision) if mode == "live" or hold.rule not in LIVE_RULES
        ),
        arrivals=tuple(arrivals_of(engine, as_of)),
        handover=Handover(mode, settings.environment.sender, settled_counts(engine, as_of, mode, messages)),
        model=model,
        contacts=contacts_of(engine, drawn_accounts(marts), as_of),
        reason_words=reason_words(settings.goodbye, settings.company.language),
        quotes=quotes_of(engine, end_of_day(as_of, settings.company)),
    )


TIMELINES_SHOWN = 6
QUOTES_SHOWN = 8


def drawn_accounts(marts: Mapping[str, pl.DataFrame]) -> list[str]:
    """The flagged accounts most at risk that have done anything in two years: whose weeks the report draws."""
    order = marts["risk"].filter(pl.col("is_flagged")).sort(["risk_rank", "account_id"], nulls_last=True)
    return order.join(marts["account_weeks"], on="account_id", how="semi").head(TIMELINES_SHOWN)["account_id"].to_list()


def contacts_of(engine: Engine, accounts: Sequence[str], as_of: date) -> dict[str, tuple[Contacted, ...]]:
    """What was sent to each of these accounts up to the night before, oldest first."""
    return {account: past_of(engine, account, as_of - timedelta(days=1)).contacts for account in accounts}


def quotes_of(engine: Engine, until: datetime) -> tuple[Quote, ...]:
    """The newest words that may be shown."""
    with reading(engine) as connection:
        return tuple(quotes(connection, until, QUOTES_SHOWN))


def settled_counts(engine: Engine, as_of: date, mode: Mode, messages: set[str]) -> dict[str, dict[str, int]]:
    """How many of these messages have each status, by campaign; another revision of the night has its own."""
    counts: dict[str, Counter[str]] = {}
    for row in rows_of(engine, as_of, mode):
        if row.message_id not in messages:
            continue
        counts.setdefault(row.key.campaign, Counter())[row.status] += 1
    return {campaign: dict(found) for campaign, found in sorted(counts.items())}
