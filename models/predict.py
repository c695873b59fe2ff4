"""Tonight's probabilities, and the rank they give."""

from __future__ import annotations

import numpy as np
import polars as pl

from models.features import as_doubles, check_columns
from models.fit import Vector, blended
from models.horizon import inputs
from models.model import RiskModel
from models.usual import season_adjusted

DECIMALS = 6
"""Probabilities are rounded here once, so that a last bit never decides who is called slipping."""


def checked(cadence: pl.DataFrame) -> pl.DataFrame:
    """Tonight's rows in a fixed order. Raises PanelError or LeakError for wrong columns."""
    check_columns(cadence, what="account_cadence")
    return as_doubles(cadence).sort("account_id")


def prepared(cadence: pl.DataFrame) -> pl.DataFrame:
    """Tonight's rows as the model sees them: checked, in order, and seasonal dips taken out."""
    return season_adjusted(checked(cadence))


def raw_scores(model: RiskModel, rows: pl.DataFrame) -> Vector:
    """Log-odds before calibration, of rows that are season-adjusted already."""
    features = inputs(rows, model.card.features, model.horizon)
    return blended(model.members.scores(features), model.card.learned_by)


def probabilities(model: RiskModel, scores: Vector) -> Vector:
    """Calibrated probabilities of raw scores, rounded."""
    return np.round(model.calibration.probabilities(scores), DECIMALS)


def predict(model: RiskModel, cadence: pl.DataFrame) -> pl.DataFrame:
    """One row an account, by id: `account_id`, `churn_probability`, `risk_rank` (1 = most at risk, ties by id)."""
    rows = prepared(cadence)
    chances = probabilities(model, raw_scores(model, rows))
    return ranked(rows.select("account_id").with_columns(churn_probability=pl.Series(chances, dtype=pl.Float64)))


def ranked(rows: pl.DataFrame, by: str = "churn_probability") -> pl.DataFrame:
    """Adds `risk_rank`: the largest `by` first, ties by account id; rows come back in the order of ids."""
    ordered = rows.sort([by, "account_id"], descending=[True, False], nulls_last=True)
    return ordered.with_columns(risk_rank=pl.int_range(1, pl.len() + 1, dtype=pl.Int32)).sort("account_id")
