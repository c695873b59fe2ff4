"""Looks at tonight's scores with mistrust, and holds the campaigns that rest on what it doubts."""

from __future__ import annotations

from datetime import timedelta

import duckdb
import polars as pl

from expectations.predicates import literal
from expectations.requests import report_to_json
from flows.hand_overs import SHORT
from flows.night import Night
from models import registry
from models.drift import MOST_ACCOUNTS, REFERENCE_FILE, reference_from
from models.model import RiskModel
from models.panel import labelled
from stillhere.campaigns.dependence import MODEL_FIELDS, campaigns_reading, campaigns_resting_on_use
from stillhere.campaigns.facts import Held
from stillhere.operations.gates import store_gate_report
from stillhere.operations.holds import LIVE_RULES, holds_of
from stillhere.operations.seals import sealed_nights
from stillhere.scoring.doubts import Doubt, EarlierNight, doubts_about, model_report

EARLIER_DAYS = 8
"""How far back a night may lie and still be compared with: a week, and a night that was missed."""


def look_for_doubts(night: Night, warehouse: duckdb.DuckDBPyConnection, model: RiskModel | None) -> tuple[Doubt, ...]:
    """Compares tonight with what the model learned from and with the night before; keeps what it found.

    A sealed night was looked at when it was decided; under the stated rule there is no model to doubt.
    """
    if night.seal is not None or model is None:
        return ()
    paper = registry.read_paper(night.settings.places.models, model.card.model_id, REFERENCE_FILE)
    if paper is None:
        return ()
    cadence = _some(warehouse, "marts.account_cadence")
    since = "select * from marts.account_cadence_panel where left_in_horizon is not null and cutoff >= ?"
    known = labelled(warehouse.execute(since, [model.card.trained_as_of]).pl())
    before = _night_before(night, warehouse, cadence)
    doubts, results = doubts_about(model, reference_from(paper), cadence, known, before)
    report = model_report(night.as_of, results)
    store_gate_report(night.operations, night.as_of, night.revision, report.gate, report_to_json(report))
    night.notes += [doubt.words for doubt in doubts if doubt.holds]
    return doubts


def held_by_doubts(night: Night, doubts: tuple[Doubt, ...]) -> dict[str, Held]:
    """Campaign to why it is held: those whose rule reads the model, a figure that has drifted, or use that is short."""
    held: dict[str, Held] = {}
    for short in night.short_use:
        for campaign in campaigns_resting_on_use(night.settings):
            before = held.get(campaign)
            held[campaign] = Held(short.rule, f"{before.words}; {short.words}" if before else short.words)
    for doubt in doubts:
        if not doubt.holds:
            continue
        for campaign in campaigns_reading(night.settings, MODEL_FIELDS | set(doubt.features)):
            before = held.get(campaign)
            words = f"{before.words}; {doubt.words}" if before else doubt.words
            held[campaign] = Held(before.code if before else doubt.rule, words)
    return held


def _some(warehouse: duckdb.DuckDBPyConnection, relation: str) -> pl.DataFrame:
    """Its rows, or about `MOST_ACCOUNTS` of them: the same accounts every night, so that chance is small."""
    (rows,) = warehouse.execute(f"select count(*) from {relation}").fetchall()[0]
    step = max(rows // MOST_ACCOUNTS, 1)
    return warehouse.execute(f"select * from {relation} where hash(account_id) % {step} = 0").pl()


def _night_before(night: Night, warehouse: duckdb.DuckDBPyConnection, cadence: pl.DataFrame) -> EarlierNight | None:
    """The newest night of the last days that nothing is held in; a night in doubt is no measure for the next."""
    for day, revision, _ in sorted(sealed_nights(night.operations), reverse=True):
        file = night.settings.places.night_folder(day, revision) / "account_cadence.parquet"
        if not night.as_of - timedelta(days=EARLIER_DAYS) <= day < night.as_of or not file.exists():
            continue
        stored = holds_of(night.operations, day, revision)
        held = [hold for hold in stored if hold.released_at is None and hold.rule not in LIVE_RULES]
        if any(hold.scope == "night" or hold.rule.startswith(("model_", SHORT)) for hold in held):
            continue
        earlier = _some(warehouse, f"read_parquet({literal(str(file))})")
        return EarlierNight(day, earlier) if set(earlier.columns) == set(cadence.columns) else None
    return None
