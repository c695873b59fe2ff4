"""Results: what became of both arms, from tonight's outcomes."""

from __future__ import annotations

import polars as pl

from flows.night import Night
from stillhere.results.campaign_results import results_of
from stillhere.results.outcomes import OUTCOMES_SCHEMA
from stillhere.results.plans import plans_of
from stillhere.warehouse.connect import open_warehouse


def night_results(night: Night) -> pl.DataFrame:
    """The mart `campaign_results` as of the night, from the arms it was sealed with."""
    with open_warehouse(night.settings.places.warehouse, read_only=True) as warehouse:
        outcomes = warehouse.execute("select * from intermediate.int_campaign_outcomes").pl()
    plans = plans_of(
        night.settings.campaigns,
        night.snapshot.get("assignments", ()),
        night.snapshot.get("approvals", ()),
        night.settings.churn.outreach.cost_minor,
        night.as_of,
    )
    return results_of(outcomes.select(list(OUTCOMES_SCHEMA)).cast(pl.Schema(OUTCOMES_SCHEMA)), plans, night.as_of)
