"""What a backtest found, as one JSON object and as the table of predictions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from models.backtest import CutoffResult
from models.baselines import BASELINES
from models.measure import Measures

MEASURES = ("roc_auc", "average_precision", "lift_10", "brier", "calibration_error")
SECONDS = 3
PREDICTIONS = {
    "cutoff": pl.Date(),
    "account": pl.String(),
    "churn_probability": pl.Float64(),
    "left": pl.Boolean(),
}


def predictions_of(results: Sequence[CutoffResult]) -> pl.DataFrame:
    """One row a cut-off and account, by both."""
    parts = [
        pl.DataFrame(
            {
                "cutoff": [result.cutoff] * len(result.accounts),
                "account": result.accounts,
                "churn_probability": result.chances,
                "left": result.outcome,
            },
            schema=PREDICTIONS,
        )
        for result in results
    ]
    return pl.concat(parts).sort("cutoff", "account")


def facts_of(results: Sequence[CutoffResult]) -> dict[str, Any]:
    """Measures a cut-off and their mean, the baselines' beside them; shares and seconds as numbers."""
    cutoffs = [_cutoff_facts(result) for result in results]
    mean = _mean(cutoffs) | {
        "baselines": {name: _mean([told["baselines"][name] for told in cutoffs]) for name in BASELINES},
        "counts_within_interval": sum(told["count_within_interval"] for told in cutoffs),
    }
    return {"cutoffs": cutoffs, "mean": mean}


def _cutoff_facts(result: CutoffResult) -> dict[str, Any]:
    low, high = result.level.count_interval(result.chances)
    gone = int(result.outcome.sum())
    return {
        "cutoff": result.cutoff.isoformat(),
        **_shown(result.measures()),
        "baselines": {name: _shown(told) for name, told in result.baseline_measures().items()},
        "expected_to_leave": round(float(result.chances.sum()), 1),
        "expected_low": round(low, 1),
        "expected_high": round(high, 1),
        "left": gone,
        "count_within_interval": bool(low <= gone <= high),
        "learned_by": list(result.learned_by),
        "panel_rows": result.panel_rows,
        "panel_cutoffs": result.panel_cutoffs,
        "fit_seconds": round(result.fit_seconds, SECONDS),
        "predict_seconds": round(result.predict_seconds, SECONDS),
    }


def _shown(told: Measures) -> dict[str, float | int | None]:
    return {name: value for name, value in told.as_dict().items() if name != "leavers"}


def _mean(parts: list[dict[str, Any]]) -> dict[str, float | None]:
    means: dict[str, float | None] = {}
    for name in ("n", "base_rate", *MEASURES, "fit_seconds", "predict_seconds"):
        known = [part[name] for part in parts if part.get(name) is not None]
        if name in parts[0]:
            means[name] = round(float(np.mean(known)), 6) if known else None
    return means
