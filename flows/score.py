"""Transform and score: from accepted loads to the marts and tonight's risk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from flows.build import build_warehouse
from flows.doubts import look_for_doubts
from flows.night import Night
from flows.transform import DbtOutcome
from models.model import Card
from stillhere.operations.closings import closed_movements
from stillhere.operations.exits import with_comments
from stillhere.scoring.champion import training_is_due
from stillhere.scoring.doubts import Doubt
from stillhere.scoring.leavers_like import exit_patterns, note_in_feedback
from stillhere.scoring.risk import NightScores, score_night
from stillhere.warehouse.connect import open_warehouse
from stillhere.warehouse.night_inputs import AcceptedLoad

SINCE_THEN = {
    "redemptions": "select distinct account_id, coupon as offer_code, issued_date as redeemed_date "
    "from intermediate.int_invoices where coupon is not null and issued_date <= ? order by all",
    "calls": "select distinct account_id, activity_date as called_date from intermediate.int_dealings "
    "where kind = 'call' and activity_date <= ? order by all",
}
"""What became of offers and calls: invoices with a coupon, and calls that the CRM shows."""


@dataclass(frozen=True)
class NightMarts:
    """What deciding reads: marts by name, and `int_contacts`; `card` is the model's, None under the stated rule.

    `doubts` are reasons to mistrust the scores.
    """

    marts: dict[str, pl.DataFrame]
    card: Card | None
    missing: tuple[str, ...]
    doubts: tuple[Doubt, ...] = ()


def build_marts(night: Night, loads: Sequence[AcceptedLoad]) -> DbtOutcome:
    """Lets dbt build every model; the panel only where a model has to be trained tonight."""
    closed = closed_movements(night.operations, night.snapshot.get("month_closes", ()))
    return build_warehouse(
        night.settings,
        night.as_of,
        loads,
        {
            **night.snapshot,
            "closed_months": closed,
            "exits": with_comments(night.operations, night.snapshot.get("exits", ())),
        },
        night.engines.parse.result(),
        full=night.full,
        needs_panel=night.seal is None and training_is_due(night.settings, night.as_of),
    )


def score_accounts(night: Night) -> NightMarts:
    """Scores tonight's accounts, with the sealed night's model where there is a seal, and reads what deciding needs."""
    with open_warehouse(night.settings.places.warehouse) as warehouse:
        model_id = night.seal.model_id if night.seal else None
        scores: NightScores = score_night(warehouse, night.settings, night.as_of, model_id=model_id)
        doubts = look_for_doubts(night, warehouse, scores.model)
        warehouse.register("scored", scores.risk.to_arrow())
        warehouse.execute("create schema if not exists marts")
        warehouse.execute("create or replace table marts.risk as select * from scored")
        marts = {
            name: warehouse.execute(f"select * from {schema}.{name} order by account_id").pl()
            for schema, name in (("marts", "accounts"), ("marts", "account_cadence"), ("intermediate", "int_contacts"))
        }
        patterns = exit_patterns(warehouse, scores.model, scores.risk)
        note_in_feedback(warehouse, patterns)
        marts |= {name: warehouse.execute(query, [night.as_of]).pl() for name, query in SINCE_THEN.items()}
    night.facts |= {
        "accounts": marts["accounts"].height,
        "scored": scores.risk.height,
        "flagged": int(scores.risk["is_flagged"].sum()),
        "model_id": scores.card.model_id if scores.card else None,
    }
    if scores.training and scores.training.contest:
        night.facts["contest"] = f"{scores.training.contest.challenger} {scores.training.contest.words}"
    marts |= {"risk": scores.risk, "exit_patterns": patterns}
    return NightMarts(marts, scores.card, scores.missing, doubts)
