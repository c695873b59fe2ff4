"""Figures against planted truth: ranking, causes among the signs, seasonal accounts. Pure; `truth.py` runs it."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from models.measure import lift

CAUSE_OF_SIGN = {
    "quiet": "fading_use",
    "fading": "fading_use",
    "fewer_people": "fading_use",
    "champion_silent": "champion_left",
    "slow_start": "failed_onboarding",
    "price_rise": "price",
    "smaller_plan": "price",
    "payment_failing": "payment_failure",
}
RESAMPLES = 400
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Figure:
    """A mean over companies with its 95 % bootstrap interval (accounts drawn anew within each company)."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.low:.3f} to {self.high:.3f})"


@dataclass(frozen=True, slots=True)
class CauseRow:
    """One planted cause: leavers with a trace, how many are flagged, and how often the cause is among the signs."""

    cause: str
    n: int
    flagged: int
    among_first: float
    among_first_two: float
    among_first_two_of_flagged: float


def rank_auc(score: Floats, left: Flags) -> float:
    """The chance that a leaver is ranked above a stayer; ties count a half."""
    _, inverse, counts = np.unique(score, return_inverse=True, return_counts=True)
    middle = np.cumsum(counts) - (counts - 1) / 2
    ranks = middle[inverse]
    leavers, stayers = int(left.sum()), int((~left).sum())
    return float((ranks[left].sum() - leavers * (leavers + 1) / 2) / (leavers * stayers))


def ranking(companies: list[tuple[Floats, Flags]], seed: int = 7) -> tuple[Figure, Figure]:
    """AUC and lift at 10 % of one score per company."""
    rng = np.random.default_rng(seed)
    drawn = []
    for _ in range(RESAMPLES):
        picks = [rng.integers(0, len(left), len(left)) for _, left in companies]
        drawn.append(_mean_auc_and_lift([(s[p], left[p]) for (s, left), p in zip(companies, picks, strict=True)]))
    auc, lifted = _mean_auc_and_lift(companies)
    low, high = np.percentile(np.array(drawn), [2.5, 97.5], axis=0)
    return Figure(auc, low[0], high[0]), Figure(lifted, low[1], high[1])


def _mean_auc_and_lift(companies: list[tuple[Floats, Flags]]) -> tuple[float, float]:
    both = np.array([(rank_auc(score, left), lift(score, left)) for score, left in companies])
    return float(both[:, 0].mean()), float(both[:, 1].mean())


def named_causes(signs: str, first: int) -> set[str]:
    """The planted causes that the first signs of an account stand for."""
    return {CAUSE_OF_SIGN[sign["code"]] for sign in json.loads(signs)[:first] if sign["code"] in CAUSE_OF_SIGN}


def cause_table(leavers: pl.DataFrame) -> list[CauseRow]:
    """Needs `cause`, `signs`, `is_flagged` of the accounts that leave within the horizon."""
    rows = []
    for cause in sorted(leavers["cause"].unique()):
        part = leavers.filter(cause=cause)
        first = np.array([cause in named_causes(signs, 1) for signs in part["signs"]])
        two = np.array([cause in named_causes(signs, 2) for signs in part["signs"]])
        flagged = part["is_flagged"].to_numpy().astype(bool)
        of_flagged = float(two[flagged].mean()) if flagged.any() else float("nan")
        rows.append(
            CauseRow(cause, part.height, int(flagged.sum()), float(first.mean()), float(two.mean()), of_flagged)
        )
    return rows


def macro_recall(rows: list[CauseRow], leavers: pl.DataFrame, seed: int = 7) -> Figure:
    """Mean over causes of the share named among the first two signs."""
    rng = np.random.default_rng(seed)
    named = [
        np.array([row.cause in named_causes(signs, 2) for signs in leavers.filter(cause=row.cause)["signs"]])
        for row in rows
    ]
    drawn = [np.mean([hits[rng.integers(0, len(hits), len(hits))].mean() for hits in named]) for _ in range(RESAMPLES)]
    low, high = np.percentile(drawn, [2.5, 97.5])
    return Figure(float(np.mean([hits.mean() for hits in named])), float(low), float(high))
