"""A backtest on any event log: what would have been said on past days, and what came of it.

For each cut-off T only events up to T are handed on, so that nothing later can reach a feature, a fit or a score.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from models.baselines import silence_baselines
from models.bg_nbd import BgNbd
from models.event_log import EPOCH, EventLog, Question, day_number, left, population
from models.features import Matrix
from models.fit import Vector
from models.learner import Learned, Rows, learn
from models.level import Level
from models.log_features import features_at, matrix_of, no_event_chance, rhythm_of
from models.log_panel import LogPanel, log_panel, past_cutoffs
from models.measure import Measures, Outcome, measure

RHYTHM_COLUMN = "no_event_log_odds"


@dataclass(frozen=True, slots=True)
class CutoffResult:
    """One cut-off: forecasts and outcomes of its population by account id, and how they were made.

    `learned_by` names the members of the blend, or the rule where too little was known. Seconds are wall clock.
    """

    cutoff: date
    accounts: tuple[str, ...]
    chances: Vector
    outcome: Outcome
    baselines: dict[str, Vector]
    learned_by: tuple[str, ...]
    panel_rows: int
    panel_cutoffs: int
    level: Level
    fit_seconds: float
    predict_seconds: float

    def measures(self) -> Measures:
        """How good the forecasts were."""
        return measure(self.chances, self.outcome)

    def baseline_measures(self) -> dict[str, Measures]:
        """How good the baselines were, by name."""
        return {name: measure(chances, self.outcome) for name, chances in self.baselines.items()}


def backtest(
    log: EventLog,
    cutoffs: list[date],
    question: Question,
    progress: Callable[[str, int, int], None] = lambda _what, _done, _total: None,
) -> list[CutoffResult]:
    """Forecasts each cut-off from what was known on it; every outcome window must lie within the log.

    Raises ValueError for a cut-off whose window ends after the last day of data, or without a population.
    """
    results = []
    for done, cutoff in enumerate(cutoffs):
        progress(f"{cutoff}", done, len(cutoffs))
        results.append(_one(log, day_number(cutoff), cutoff, question))
    progress("done", len(cutoffs), len(cutoffs))
    return results


def check_cutoff(log: EventLog, cutoff: date, question: Question) -> None:
    """Raises ValueError, in words, unless the outcome of a cut-off is known and somebody was active before it."""
    day = day_number(cutoff)
    if day + question.horizon_days > log.last_day:
        raise ValueError(
            f"cut-off {cutoff}: its {question.horizon_days} days end after the last day of data, "
            f"{EPOCH + timedelta(days=log.last_day)}; what happened then is not known"
        )
    if population(log, day, question).is_empty():
        raise ValueError(f"cut-off {cutoff}: no account has an event in the {question.active_days} days up to it")


def _one(log: EventLog, day: int, cutoff: date, question: Question) -> CutoffResult:
    check_cutoff(log, cutoff, question)
    known = log.until(day)
    accounts = population(known, day, question)
    began = time.perf_counter()
    panel = _panel(known, day, question)
    learned = _learn(panel, question) if panel else None
    rhythm = rhythm_of(known, day, panel.rhythms[max(panel.rhythms)] if panel else None)
    fitted = time.perf_counter()
    chances = _chances(known, day, question, accounts, rhythm, panel, learned)
    predicted = time.perf_counter()
    baselines = silence_baselines(known, day, question)
    return CutoffResult(
        cutoff=cutoff,
        accounts=tuple(accounts),
        chances=chances,
        outcome=left(log, accounts, day, question),
        baselines={**baselines, "bg_nbd": no_event_chance(known, day, question, rhythm)},
        learned_by=learned.chosen if learned else ("BG/NBD (too little to learn from)",),
        panel_rows=len(panel.outcome) if panel else 0,
        panel_cutoffs=len(panel.rhythms) if panel else 0,
        level=learned.level if learned else Level(),
        fit_seconds=fitted - began,
        predict_seconds=predicted - fitted,
    )


def _panel(known: EventLog, day: int, question: Question) -> LogPanel | None:
    cutoffs = past_cutoffs(known, day, question)
    cutoffs = tuple(cutoff for cutoff in cutoffs if not population(known.until(cutoff), cutoff, question).is_empty())
    return log_panel(known, cutoffs, day, question) if cutoffs else None


def _learn(panel: LogPanel, question: Question) -> Learned | None:
    rhythm = panel.features[:, panel.names.index(RHYTHM_COLUMN)]
    rows = Rows(panel.features, rhythm, panel.outcome, panel.cutoffs, panel.accounts)
    return learn(rows, question.horizon_days)


def _chances(
    known: EventLog,
    day: int,
    question: Question,
    accounts: pl.Series,
    rhythm: BgNbd,
    panel: LogPanel | None,
    learned: Learned | None,
) -> Vector:
    """Forecasts by account id; the stated rule without a model is BG/NBD's own chance of no event."""
    if learned is None or panel is None:
        return no_event_chance(known, day, question, rhythm)
    features = features_at(known, day, question, accounts=accounts, rhythm=rhythm)
    absent = [name for name in panel.names if name not in features.columns]
    features = features.with_columns(pl.lit(None, dtype=pl.Float64).alias(name) for name in absent)
    seen: Matrix = matrix_of(features, panel.names)
    return np.asarray(learned.forecast(seen, seen[:, panel.names.index(RHYTHM_COLUMN)]))
