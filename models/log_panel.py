"""The panel of an event log: its accounts at past cut-offs, with outcomes that were known by the cut-off tested."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from models.bg_nbd import BgNbd
from models.event_log import EventLog, Question, day_of, left, population
from models.features import Matrix
from models.log_features import features_at, matrix_of, rhythm_of
from models.measure import Outcome
from models.panel import check_windows

MOST_CUTOFFS = 16
LEAST_STEP_DAYS = 7
LEAST_HISTORY_DAYS = 28
MOST_ROWS = 60_000
"""More rows of accounts like those there are moved no measure on three public logs, and cost minutes."""


@dataclass(frozen=True, slots=True)
class LogPanel:
    """Rows to learn from, by cut-off and account; `rhythms` are the BG/NBD models by cut-off (day number)."""

    names: tuple[str, ...]
    features: Matrix
    outcome: Outcome
    cutoffs: npt.NDArray[np.int32]
    accounts: npt.NDArray[np.str_]
    rhythms: dict[int, BgNbd]


def past_cutoffs(log: EventLog, test: int, question: Question) -> tuple[int, ...]:
    """At most 16 day numbers up to T - H, evenly spread over the record, each with some history behind it."""
    latest = test - question.horizon_days
    history = min(question.active_days, max(LEAST_HISTORY_DAYS, question.horizon_days))
    earliest = log.begins_on + history
    if earliest > latest:
        return (latest,) if log.begins_on <= latest else ()
    step = max(LEAST_STEP_DAYS, -(-(latest - earliest) // (MOST_CUTOFFS - 1)))
    return tuple(range(latest, earliest - 1, -step))[:MOST_CUTOFFS][::-1]


def log_panel(log: EventLog, cutoffs: tuple[int, ...], test: int, question: Question) -> LogPanel:
    """Features and outcomes at past cut-offs, as they were known at the end of the day `test`.

    Raises LeakError if an outcome window reaches past `test`. A log of very many accounts is learned from a draw of
    them, by a hash of account and cut-off.
    """
    check_windows(tuple(day_of(day) for day in cutoffs), day_of(test), question.horizon_days)
    known = log.until(test)
    parts, rhythms, rhythm = [], {}, None
    for cutoff in cutoffs:
        so_far = known.until(cutoff)
        rhythm = rhythms[cutoff] = rhythm_of(so_far, cutoff, rhythm)
        accounts = _drawn(population(so_far, cutoff, question), cutoff, MOST_ROWS // len(cutoffs))
        rows = features_at(so_far, cutoff, question, accounts=accounts, rhythm=rhythm)
        outcome = pl.Series("_left", left(known, rows["account"], cutoff, question))
        parts.append(rows.with_columns(outcome, _cutoff=pl.lit(cutoff, dtype=pl.Int32)))
    panel = pl.concat(parts, how="diagonal_relaxed")  # a kind may be too new for an early cut-off
    names = tuple(name for name in panel.columns if name != "account" and not name.startswith("_"))
    return LogPanel(
        names=names,
        features=matrix_of(panel, names),
        outcome=panel["_left"].to_numpy(),
        cutoffs=panel["_cutoff"].to_numpy(),
        accounts=panel["account"].to_numpy().astype(str),
        rhythms=rhythms,
    )


def _drawn(accounts: pl.Series, cutoff: int, most: int) -> pl.Series:
    if len(accounts) <= most:
        return accounts
    order = (accounts + f" {cutoff}").hash().arg_sort()
    return accounts.gather(order.head(most)).sort()
