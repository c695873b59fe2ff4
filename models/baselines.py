"""What anybody could do without a model: silent longest first, most overdue first, and BG/NBD as it comes.

Silence and overdue ratio become chances by a logistic regression on that one number, learned at T - H.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from sklearn.linear_model import LogisticRegression

from models.event_log import EventLog, Question, left, population
from models.fit import Vector
from models.measure import Outcome

BASELINES = ("days_silent", "overdue_ratio", "bg_nbd")
UNSHRUNK = 1e6


@dataclass(frozen=True, slots=True)
class _Habits:
    """Days silent and overdue ratio of the population at a cut-off, by id."""

    days_silent: Vector
    overdue_ratio: Vector


def silence_baselines(log: EventLog, cutoff: int, question: Question) -> dict[str, Vector]:
    """Chances of leaving by `days_silent` and `overdue_ratio`, for the population at a cut-off, by id.

    Without a day to learn from, or with one outcome only there, the ranking is given as chances between 0 and 1.
    """
    earlier = cutoff - question.horizon_days
    known, before = log.until(cutoff), log.until(earlier)
    learned_from = population(before, earlier, question)
    outcome = left(known, learned_from, earlier, question)
    now = _habits(known, cutoff, question)
    past = _habits(before, earlier, question) if len(learned_from) else now
    return {
        name: _as_chances(getattr(past, name), outcome, getattr(now, name)) for name in ("days_silent", "overdue_ratio")
    }


def _habits(log_so_far: EventLog, cutoff: int, question: Question) -> _Habits:
    days = log_so_far.days.with_columns(gap=pl.col("day").diff().over("account"))
    company_gap = days["gap"].median()
    told = days.group_by("account").agg(silent=cutoff - pl.col("day").max(), gap=pl.col("gap").median())
    told = told.filter(pl.col("silent") < question.active_days).sort("account")
    gap = told["gap"].fill_null(company_gap if isinstance(company_gap, (int, float)) else 1.0).to_numpy()
    silent = told["silent"].to_numpy().astype(np.float64)
    return _Habits(silent, silent / gap)


def _as_chances(past: Vector, outcome: Outcome, now: Vector) -> Vector:
    if not 0 < outcome.sum() < len(outcome):
        return np.argsort(np.argsort(now, kind="stable"), kind="stable") / max(len(now), 1)
    fitted = LogisticRegression(C=UNSHRUNK).fit(past.reshape(-1, 1), outcome)
    return np.asarray(fitted.predict_proba(now.reshape(-1, 1))[:, 1])
